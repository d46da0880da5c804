// aedes on the port that is named: a peer for scripts/bench.ts, in a process of its own.
import { createServer } from 'node:net';
import process from 'node:process';
import { Aedes } from 'aedes';

const aedes = await Aedes.createBroker();
const server = createServer({ noDelay: true }, aedes.handle);
server.listen(Number(process.argv[2]), '127.0.0.1');
