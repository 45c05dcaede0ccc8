import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandLine } from './program.ts'
import { reference } from './reference.ts'
import { PROJECT } from './version.ts'

writeFileSync(join(PROJECT, 'docs/commands.md'), reference(await commandLine('/')))
