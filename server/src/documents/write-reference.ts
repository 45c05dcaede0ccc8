import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandLine } from '../bin/program.ts'
import { PROJECT } from '../bin/version.ts'
import { reference } from './reference.ts'

writeFileSync(join(PROJECT, 'docs/commands.md'), reference(await commandLine('/')))
