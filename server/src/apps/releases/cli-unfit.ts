import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AppConfig } from '../../config/config.ts'
import type { LineOf, Problem } from '../../config/problem.ts'
import { placed } from '../../config/read.ts'
import { heldSource } from '../../kernel/held-source.ts'
import type { TemplateCheck } from '../templates/template.ts'
import { unfit } from './unfit.ts'

/** What a folder's innkeeper.yaml names and its source lacks. `paths`: what belongs to the source, and would be deployed. */
export async function lacking(
  folder: string,
  paths: readonly string[],
  { config, lineOf, templates }: { config: AppConfig; lineOf: LineOf; templates: TemplateCheck },
): Promise<Problem[]> {
  const source = heldSource([...paths], path => readFile(join(folder, path), 'utf8').catch(() => null))
  return (await unfit(config, source, templates)).map(problem => placed(problem, lineOf))
}
