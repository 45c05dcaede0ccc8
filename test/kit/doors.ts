import { join } from 'node:path'
import type { Door } from '../../server/src/api/access.ts'
import { buildApi } from '../../server/src/api/server.ts'
import { PARTS } from '../../server/src/bin/parts.ts'
import { openParts } from '../../server/src/parts/part.ts'

/** A proxy that returns itself for every property. Routes are mounted with it, and none is called. */
const nothing: never = new Proxy(() => {}, {
  get: (_, name) => (name === 'then' ? undefined : nothing),
}) as never

/** An API without a keeper behind it. */
export const emptyApi = (routes: Parameters<typeof buildApi>[0]['routes']) =>
  buildApi({ version: '0', webFolder: join(import.meta.dirname), people: nothing, audit: nothing, routes })

/** Every route that the nouns really mount. */
export async function allDoors(): Promise<readonly Door[]> {
  const { routes } = await openParts(PARTS, nothing)
  const api = await emptyApi(routes)
  await api.close()
  return api.doors
}
