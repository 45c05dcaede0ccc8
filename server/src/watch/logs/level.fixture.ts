import type { Level } from './level.ts'

/** Lines as loggers write them, with their level. */
export const SAID: ReadonlyArray<[text: string, level: Level | null]> = [
  ['{"level":30,"msg":"x"}', 'info'],
  ['{"time":1,"level":50}', 'error'],
  ['{"level":60,"msg":"pino fatal"}', 'error'],
  ['{"level":20,"msg":"x"}', 'debug'],
  ['{"level":"warning","message":"x"}', 'warn'],
  ['{"message":"x","level":"http"}', 'debug'],
  ['{"message":"x","level":"CRIT"}', 'error'],
  ['{"level":"loud"}', null],
  ['{"msg":"no level"}', null],
  ['{"a":"the \\"level\\": 20 of it","level":40}', 'warn'],
  ['[ERROR] x', 'error'],
  ['info: winston says', 'info'],
  ['\u001b[32minfo\u001b[39m: in colours', 'info'],
  ['2026-11-20T10:00:00Z WARN y', 'warn'],
  ['TypeError: x is not a function', 'error'],
  ['    at f (/srv/a.js:1:2)', 'error'],
  ['information about errors', null],
  ['listening on 3000', null],
  ['[Nest] 4711  - 11/21/2026, 10:00:00 AM   ERROR [Orders] no stock', 'error'],
  ['[Nest] 4711  - 11/21/2026, 10:00:00 AM     LOG [Orders] ready', 'info'],
  ['[Nest] 4711  - 11/21/2026, 10:00:00 AM VERBOSE [Orders] asked', 'debug'],
  ['GET /rooms 200 1.234 ms - 51', 'info'],
  ['GET /rooms 304 - - 0.211 ms', 'info'],
  ['\u001b[0mPOST /rooms \u001b[31m500\u001b[0m 3.1 ms - 12\u001b[0m', 'error'],
  ['::1 - - [20/Nov/2026:10:00:00 +0000] "GET /x HTTP/1.1" 404 12 "-" "curl"', 'warn'],
  ['::1 - GET /x HTTP/1.1 502 12 - 1.2 ms', 'error'],
  ['GET /rooms 200 times', null],
]

/** Values of these have levels, too. */
export const NESTED: typeof SAID = [
  ['{"level":20,"job":{"level":"error"}}', 'debug'],
  ['{"job":{"level":"debug"},"level":50}', 'error'],
  ['{"job":{"level":"debug"},"other":{"level":10}}', null],
]
