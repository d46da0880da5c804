import { writeFileSync } from 'node:fs';
import { renderReadme } from './tables.ts';

// Brings the README's tables up to what the code says; `npm run tidy` fails where they differ.
writeFileSync('README.md', await renderReadme());
