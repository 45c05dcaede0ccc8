import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Coded, codesIn } from './errors.ts'

/** What users may meet: tests and what stands in for something in them are left out. */
export const allCodes = (project: string): Coded[] =>
  codesIn(
    globSync('{server/src,contract,demo}/**/*.ts', { cwd: project })
      .filter(path => !/\.(test|fixture|contract|fake)\.ts$/.test(path))
      .toSorted()
      .map(file => ({ file, text: readFileSync(join(project, file), 'utf8') })),
  )
