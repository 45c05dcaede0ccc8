import type { DatabaseAccess, Extension } from '../../apps/databases/cluster.ts'
import type { Query } from '../../apps/databases/migrations.ts'

/** What the owner of a database cannot restore from a dump itself. */
export interface Kept {
  /** Roles to which the owner can grant rights. Grants to others are left out. */
  roles: readonly string[]
  /** Extensions that a superuser creates before the dump is loaded. */
  extensions: readonly Extension[]
  /** Tables that belong to these extensions, as a dump lists them: `schema name`. Their rows are left out. */
  theirs: readonly string[]
}

/** Who owns the objects in an app's database. */
export interface Belongings extends Kept {
  /** Objects of other roles than the owner and the app, as sentences. They will belong to the owner. */
  foreign: readonly string[]
  /** Statements that give the app's role its own objects back. */
  toApp: readonly string[]
}

/** Objects with an owner, without those of extensions. `what`: the word for sentences; `altered`: the name for `alter … owner`. */
const OWNED = `
  select case c.relkind when 'S' then 'sequence' when 'v' then 'view' else 'table' end as what,
         pg_catalog.format('table %I.%I', n.nspname, c.relname) as altered, n.nspname, c.relname as name,
         c.relowner as owner, 'pg_catalog.pg_class'::pg_catalog.regclass as class, c.oid
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and not exists (
     select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and d.objid = c.oid and d.refclassid = d.classid and d.deptype in ('a', 'i') and d.refobjsubid > 0)
  union all
  select 'function',
         pg_catalog.format('routine %I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)),
         n.nspname, p.proname, p.proowner, 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  union all
  select 'type', pg_catalog.format('type %I.%I', n.nspname, t.typname),
         n.nspname, t.typname, t.typowner, 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid
    from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
   where t.typtype in ('d', 'e', 'r')
  union all
  select 'schema', pg_catalog.format('schema %I', n.nspname), n.nspname, n.nspname, n.nspowner,
         'pg_catalog.pg_namespace'::pg_catalog.regclass, n.oid
    from pg_catalog.pg_namespace n where n.nspname <> 'public'
  union all
  select 'large object', pg_catalog.format('large object %s', l.oid), 'public', l.oid::text, l.lomowner,
         'pg_catalog.pg_largeobject'::pg_catalog.regclass, l.oid
    from pg_catalog.pg_largeobject_metadata l`

const OTHERS = `
  select o.what, o.altered, o.nspname, o.name, pg_catalog.pg_get_userbyid(o.owner) as owner
    from (${OWNED}) o
   where o.nspname !~ '^pg_' and o.nspname <> 'information_schema'
     and pg_catalog.pg_get_userbyid(o.owner) <> $1
     and not exists (select from pg_catalog.pg_depend d
                      where d.classid = o.class and d.objid = o.oid and d.deptype = 'e')
   order by o.what, o.nspname, o.name`

/** Extensions that the owner did not create. Its own come back with the dump, because the owner can create them again. */
const EXTENSIONS = `
  select e.extname as name, n.nspname as schema
    from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
   where e.oid >= 16384 and pg_catalog.pg_get_userbyid(e.extowner) <> $1
   order by e.oid`

const THEIRS = `
  select n.nspname || ' ' || c.relname as listed
    from pg_catalog.pg_depend d join pg_catalog.pg_extension e on e.oid = d.refobjid and d.deptype = 'e'
    join pg_catalog.pg_class c on c.oid = d.objid and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where pg_catalog.pg_get_userbyid(e.extowner) <> $1`

interface Other {
  what: string
  altered: string
  nspname: string
  name: string
  owner: string
}

/** Reads who owns what in the database of an app. Reads only its catalogs. */
export async function readBelongings(
  query: Query,
  { owner, app }: Pick<DatabaseAccess, 'owner' | 'app'>,
): Promise<Belongings> {
  const others = (await query(OTHERS, [owner.user])) as unknown as Other[]
  const extensions = (await query(EXTENSIONS, [owner.user])) as unknown as Extension[]
  const schemas = new Set(extensions.map(extension => extension.schema))
  return {
    roles: [owner.user, app.user, 'pg_database_owner'],
    extensions,
    theirs: (await query(THEIRS, [owner.user])).map(row => String(row['listed'])),
    foreign: others
      .filter(other => other.owner !== app.user && !(other.what === 'schema' && schemas.has(other.name)))
      .map(other => `the ${other.what} ${labelOf(other)} of ${other.owner}`),
    toApp: others
      .filter(other => other.owner === app.user)
      .map(other => `alter ${other.altered} owner to "${app.user}"`),
  }
}

const labelOf = ({ what, nspname, name }: Other): string =>
  what === 'schema' || nspname === 'public' ? name : `${nspname}.${name}`

/** Entries of a dump's list that only a superuser can create. */
const BEYOND =
  /^(?:(?:COMMENT|ACL|SECURITY LABEL) - )?(?:EVENT TRIGGER|SUBSCRIPTION|FOREIGN DATA WRAPPER|ACCESS METHOD|OPERATOR CLASS|OPERATOR FAMILY|PROCEDURAL LANGUAGE|LANGUAGE) /

/** A dump's list without entries that come back another way or not at all. `left`: those that do not come back. */
export function listed(text: string, { roles, extensions, theirs }: Kept): { list: string; left: string[] } {
  const made = extensions.flatMap(({ name, schema }) => [
    `EXTENSION - ${name} `,
    `COMMENT - EXTENSION ${name} `,
    `SCHEMA - ${schema} `,
  ])
  const rows = theirs.flatMap(table => [`TABLE DATA ${table} `, `SEQUENCE SET ${table} `])
  const left: string[] = []
  const list = text.split('\n').filter(line => {
    const entry = /^\d+; \d+ \d+ (.*)$/.exec(line)?.[1]
    if (entry === undefined) return true
    const begins = (known: readonly string[]) => known.some(one => entry.startsWith(one))
    if (begins(made)) return false
    if (begins(rows) || BEYOND.test(entry)) {
      left.push(entry)
      return false
    }
    // Grants by other roles are left out. The app's role gets its rights again after the load.
    const rights = /^(?:DEFAULT )?ACL .* (\S+)$/.exec(entry)
    return rights === null || roles.includes(rights[1]!)
  })
  return { list: list.join('\n'), left }
}
