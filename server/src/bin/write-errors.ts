import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorsPage } from './errors.ts'
import { allCodes } from './errors-source.ts'
import { PROJECT } from './version.ts'

writeFileSync(join(PROJECT, 'docs/errors.md'), errorsPage(allCodes(PROJECT)))
