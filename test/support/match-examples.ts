/** Filter, topic, clauses: the examples of section 4.7, and what is easily got wrong. */
type Example = readonly [filter: string, topic: string, clauses: string];

const MULTI = '[MQTT-4.7.1-1] [311:4.7.1-2]';
const SINGLE = '[MQTT-4.7.1-2] [311:4.7.1-3]';
const DOLLAR = '[MQTT-4.7.2-1] [311:4.7.2-1]';
const AS_WRITTEN = '[MQTT-4.7.3-4] [311:4.7.3-4]';

/** Topics that their filter matches. */
export const MATCHES: readonly Example[] = [
  ['sport/tennis/player1/#', 'sport/tennis/player1', MULTI],
  ['sport/tennis/player1/#', 'sport/tennis/player1/ranking', MULTI],
  ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', MULTI],
  ['sport/#', 'sport', MULTI],
  ['#', 'sport', MULTI],
  ['#', '/', MULTI],
  ['sport/+/#', 'sport/tennis', MULTI],
  ['sport/tennis/+', 'sport/tennis/player1', SINGLE],
  ['sport/tennis/+', 'sport/tennis/player2', SINGLE],
  ['sport/+', 'sport/', SINGLE],
  ['+', 'sport', SINGLE],
  ['+/tennis/#', 'sport/tennis/player1', SINGLE],
  ['sport/+/player1', 'sport/tennis/player1', SINGLE],
  ['+/+', '/finance', SINGLE],
  ['/+', '/finance', SINGLE],
  ['$SYS/#', '$SYS/broker', DOLLAR],
  ['$SYS/#', '$SYS', DOLLAR],
  ['$SYS/monitor/+', '$SYS/monitor/Clients', DOLLAR],
  ['+/$SYS', 'a/$SYS', DOLLAR],
  ['#', 'a/$SYS', DOLLAR],
  ['/#', '/$SYS', DOLLAR],
  ['ACCOUNTS', 'ACCOUNTS', AS_WRITTEN],
  ['Accounts payable', 'Accounts payable', AS_WRITTEN],
  ['a//b', 'a//b', AS_WRITTEN],
  ['\uFEFFa', '\uFEFFa', AS_WRITTEN],
];

/** Topics that the filter leaves alone. */
export const MISMATCHES: readonly Example[] = [
  ['sport/tennis/player1/#', 'sport/tennis/player2', MULTI],
  ['sport/tennis/player1/#', 'sport/tennis', MULTI],
  ['sport/#', 'sports', MULTI],
  ['sport/+/#', 'sport', MULTI],
  ['sport/tennis/+', 'sport/tennis/player1/ranking', SINGLE],
  ['sport/+', 'sport', SINGLE],
  ['+', '/finance', SINGLE],
  ['+', '/', SINGLE],
  ['+/+', 'finance', SINGLE],
  ['#', '$SYS', DOLLAR],
  ['#', '$SYS/broker', DOLLAR],
  ['+', '$SYS', DOLLAR],
  ['+/#', '$SYS', DOLLAR],
  ['+/monitor/Clients', '$SYS/monitor/Clients', DOLLAR],
  ['#', '$', DOLLAR],
  ['ACCOUNTS', 'Accounts', AS_WRITTEN],
  ['/finance', 'finance', AS_WRITTEN],
  ['a', 'a/', AS_WRITTEN],
  ['a/b', 'a//b', AS_WRITTEN],
  ['é', 'e\u0301', AS_WRITTEN],
  ['a', '\uFEFFa', AS_WRITTEN],
  ['%61', 'a', AS_WRITTEN],
];
