import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT } from '../bin/version.ts'
import { errorsPage } from './errors.ts'
import { allCodes } from './errors-source.ts'

writeFileSync(join(PROJECT, 'docs/errors.md'), errorsPage(allCodes(PROJECT)))
