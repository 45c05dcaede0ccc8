import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rulesTable } from '../../watch/metrics/rules.ts'
import { alarmsTable } from './alarms.ts'

/** docs/alerts.md, made of the rules themselves, and of what the keeper tells besides. */
export const page = (): string => `# Alerts

What every home is watched by, from the first deploy on. Nobody has to write any of it. *Critical* is bad now; a *warning* will be when nobody acts. Who is told of what is in [operating.md](operating.md). The keeper tells what it alone knows, also without Prometheus; what is measured is watched by rules of Prometheus.

## What the keeper itself tells

Each comes with a sentence that says what is wrong, and what to do ([errors.md](errors.md)). A silence knows it by its code: \`inn silence add --match backup.kit --for 7d 'the safe is ordered'\`.

${alarmsTable()}

## Rules of Prometheus

They are made from \`server/src/watch/metrics/rules.ts\` by \`node server/src/drivers/prometheus/table.ts\`, and each has a test by \`promtool test rules\`. An alert fires once its expression had an answer for as long as *for* says; where a warning has become critical both fire.

${rulesTable()}
`

const FILE = join(import.meta.dirname, '../../../../docs/alerts.md')
if (process.argv[1] === import.meta.filename) writeFileSync(FILE, page())
