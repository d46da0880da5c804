import process from 'node:process';
import { NodePlatform } from './cli/node-platform.ts';
import { runProgram } from './cli/program.ts';

void runProgram(process.argv.slice(2), new NodePlatform());
