import type { Store } from '../../db/db.ts'
import type { TemplateFiles, TemplateSet } from './template.ts'

export type TemplateStore = ReturnType<typeof templateStore>

/** Templates by the source that they are of: all releases of one source, in every environment, have the same. */
export const templateStore = ({ sql }: Store) => ({
  /** A second call for the same source changes nothing: a source never does. */
  async keep(source: string, files: TemplateFiles): Promise<void> {
    if (Object.keys(files).length === 0) return
    await sql
      .insertInto('template_set')
      .values({ source, files: JSON.stringify(files) })
      .onConflict(c => c.doNothing())
      .execute()
  },

  /** With no files, where the source has none. */
  async find(source: string): Promise<TemplateSet> {
    const row = await sql
      .selectFrom('template_set')
      .select('files')
      .where('source', '=', source)
      .executeTakeFirst()
    return { source, files: row === undefined ? {} : (JSON.parse(row.files) as TemplateFiles) }
  },

  /** Forgets those of sources that no release is made of any more. */
  async prune(): Promise<void> {
    const used = sql.selectFrom('release').select('source').where('state', 'in', ['ready', 'building'])
    await sql.deleteFrom('template_set').where('source', 'not in', used).execute()
  },
})
