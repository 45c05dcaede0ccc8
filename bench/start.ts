import { join } from 'node:path'
import { makeBench, median, run } from './kit.ts'
import { comparison } from './ratio.ts'

/** node bench/start.ts [rounds]: how long `inn --help` and `inn status` take, beside the same Node.js that does nothing. */
const ROUNDS = Number(process.argv[2] ?? 15)
const INN = join(import.meta.dirname, '../inn')

const bench = await makeBench()
try {
  const commands: Record<string, string[]> = {
    'node -e 0': [process.execPath, '-e', '0'],
    'inn --help': [INN, '--help'],
    'inn status': [INN, 'status'],
  }
  const took = Object.fromEntries(Object.keys(commands).map(name => [name, [] as number[]]))
  const env = { ...process.env, INNKEEPER_HOME: bench.home }
  // The first round of each reads its files from the disk.
  for (let round = 0; round <= ROUNDS; round++)
    for (const [name, argv] of Object.entries(commands)) {
      const started = performance.now()
      await run(argv, { cwd: '/', env })
      if (round > 0) took[name]!.push(performance.now() - started)
    }
  const bare = took['node -e 0']!
  console.table(
    Object.fromEntries(
      Object.entries(took).map(([name, all]) => [
        name,
        {
          medianMs: Math.round(median(all)),
          ofNode: comparison(
            { [name]: { figures: all, failed: 0 }, 'node -e 0': { figures: bare, failed: 0 } },
            () => median(all) / median(bare),
          ),
        },
      ]),
    ),
  )
} finally {
  await bench.remove()
}
