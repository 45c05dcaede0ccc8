import { list } from '../../kernel/words.ts'
import type { Release } from '../releases/release.ts'

/** Release → which of its migrations its database has now, and which not. Releases without migrations are left out. */
export type SchemaNow = ReadonlyMap<string, { applied: readonly string[]; pending: readonly string[] }>

/**
 * What a person has to know of the database before an earlier or a later release serves: no release step runs then.
 * `now`: null when the database could not be asked; then what was noted at the time of each release step is told.
 */
export function schemaNotices(
  target: Release,
  releases: readonly Release[],
  now: SchemaNow | null,
): string[] {
  const ran = releases
    .filter(release => release.number > target.number)
    .flatMap(({ id, migrations }) => migrations.map(name => ({ name, id })))
  const there = new Set([...(now?.values() ?? [])].flatMap(({ applied }) => applied))
  const stays = ran.filter(({ name }) => now === null || there.has(name))
  const gone = ran.filter(one => !stays.includes(one))
  const pending = now?.get(target.id)?.pending ?? []
  const says = (some: typeof ran) => list(some.map(({ name, id }) => `${name} (${id})`))
  const many = (some: readonly unknown[]) =>
    `${some.length} ${some.length === 1 ? 'migration' : 'migrations'}`
  return [
    ...(stays.length === 0
      ? []
      : [
          `${many(stays)} ran since ${target.id} and ${stays.length === 1 ? 'stays' : 'stay'}: ${says(stays)}. ${target.id} must be able to live with that schema.${now === null ? ' (As it was noted then: the database could not be asked.)' : ''}`,
        ]),
    ...(gone.length === 0
      ? []
      : [
          `${many(gone)} ran since ${target.id}, and the database has ${gone.length === 1 ? 'it' : 'them'} no more, as after a restore: ${says(gone)}.`,
        ]),
    ...(pending.length === 0
      ? []
      : [
          `${target.id} would still need ${list(pending)}: the database does not have ${pending.length === 1 ? 'it' : 'them'}, and no release step runs here. \`inn deploy\` of that source runs it.`,
        ]),
  ]
}
