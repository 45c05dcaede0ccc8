import type { RuleId } from './rules.ts'

export interface Case {
  /** What is found; null: nothing but notes on habits. */
  rule: RuleId | null
  sql: string
  /** In the file's own transaction, unless it says otherwise. */
  mode?: 'each' | 'none'
  /** Why squawk says something else of it; without: both find it, or both find nothing. */
  differs?: string
}

const KNOWS = 'squawk does not know the table: here it is small, empty, or asked by nobody'

/** Each rule with SQL that it finds, and SQL that comes to the same and is not found. */
export const CASES: readonly Case[] = [
  { rule: 'sql.syntax', sql: 'alter tabel guest add column x text;' },
  { rule: 'transaction.alone', sql: 'select 1;\ncreate index concurrently if not exists i on guest (name);' },
  { rule: null, sql: 'create index concurrently if not exists i on guest (name);', mode: 'none' },
  { rule: 'transaction.alone', sql: 'vacuum guest;', differs: 'squawk looks at indexes alone' },
  { rule: 'transaction.open', sql: 'begin; update room set id = 1 where id = 2;', mode: 'none' },
  { rule: 'transaction.nested', sql: 'begin; begin; select 1; commit;', mode: 'none' },
  { rule: 'name.long', sql: `create table ${'a'.repeat(64)} (id bigint);` },
  { rule: 'index.locks', sql: 'create index if not exists i on guest (room_id);' },
  { rule: null, sql: 'create index if not exists i on room (id);', differs: KNOWS },
  { rule: 'index.drop-locks', sql: 'drop index if exists guest_name_idx;' },
  { rule: null, sql: 'drop index concurrently if exists guest_name_idx;', mode: 'none' },
  { rule: 'index.reindex-locks', sql: 'reindex table guest;' },
  { rule: null, sql: 'reindex table concurrently guest;', mode: 'none' },
  { rule: 'index.repeat', sql: 'create index concurrently i on guest (name);', mode: 'none' },
  { rule: 'partition.detach-locks', sql: 'alter table guest detach partition room;' },
  { rule: null, sql: 'alter table guest detach partition room concurrently;', mode: 'none' },
  { rule: 'partition.attach-scans', sql: 'alter table room attach partition guest for values in (1);' },
  { rule: 'constraint.unique', sql: 'alter table guest add constraint u unique (name);' },
  { rule: null, sql: 'alter table guest add constraint u unique using index i;' },
  { rule: 'constraint.primary', sql: 'alter table guest add constraint p primary key (id);' },
  { rule: null, sql: 'alter table guest add constraint p primary key using index i;' },
  {
    rule: 'constraint.exclusion',
    sql: 'alter table guest add constraint e exclude using gist (name with =);',
  },
  {
    rule: 'constraint.foreign',
    sql: 'alter table guest add constraint f foreign key (room_id) references room (id);',
  },
  {
    rule: null,
    sql: 'alter table guest add constraint f foreign key (name) references room (id) not valid;',
  },
  { rule: 'constraint.check', sql: "alter table guest add constraint c check (name <> '');" },
  { rule: null, sql: "alter table guest add constraint c check (name <> '') not valid;" },
  { rule: null, sql: "alter table draft add constraint c check (name <> '');", differs: KNOWS },
  {
    rule: 'constraint.unindexed',
    sql: 'create table bill (id bigint primary key, guest_id bigint references guest (id));',
  },
  { rule: 'column.not-null', sql: 'alter table guest alter column name set not null;' },
  {
    rule: null,
    sql: 'alter table guest alter column sure set not null;',
    differs: 'here a validated check says it already',
  },
  {
    rule: null,
    sql: 'alter table guest add constraint n check (name is not null) not valid;\nalter table guest validate constraint n;\nalter table guest alter column name set not null;',
    mode: 'none',
  },
  { rule: 'column.required', sql: 'alter table guest add column x text not null;' },
  { rule: null, sql: "alter table guest add column x text not null default '';" },
  { rule: null, sql: 'alter table guest add column x text;' },
  { rule: 'column.volatile', sql: 'alter table guest add column x uuid default gen_random_uuid();' },
  { rule: 'column.volatile', sql: 'alter table guest add column x text default own_key();' },
  { rule: null, sql: 'alter table guest add column x timestamptz default now();' },
  { rule: 'column.generated', sql: 'alter table guest add column x text generated always as (name) stored;' },
  { rule: 'column.type', sql: 'alter table guest alter column name type bigint using name::bigint;' },
  {
    ...{ rule: null, sql: 'alter table guest alter column code type text;' },
    differs: 'here the column is known to be varchar, of which no row is written anew',
  },
  { rule: 'column.dropped', sql: 'alter table guest drop column name;' },
  { rule: 'column.renamed', sql: 'alter table guest rename column name to called;' },
  { rule: 'column.null', sql: 'alter table guest alter column name drop not null;' },
  { rule: 'table.dropped', sql: 'drop table guest;' },
  { rule: null, sql: 'drop table if exists never_there;', differs: 'here it is known not to be there' },
  { rule: 'table.renamed', sql: 'alter table guest rename to visitor;' },
  {
    rule: 'table.renamed',
    sql: 'alter table guest set schema old;',
    differs: 'squawk has no rule for another schema',
  },
  { rule: 'table.emptied', sql: 'truncate guest cascade;' },
  { rule: 'table.rewritten', sql: 'vacuum full guest;', mode: 'none' },
  { rule: 'table.rewritten', sql: 'cluster guest using i;', mode: 'none' },
  { rule: 'table.rewritten', sql: 'alter table guest set unlogged;' },
  {
    ...{
      rule: 'table.locked',
      sql: 'alter table room add column x int;\nupdate guest set name = null;',
    },
  },
  { rule: 'schema.renamed', sql: 'alter schema public rename to old;' },
  { rule: 'database.dropped', sql: 'drop database x;', mode: 'none' },
  { rule: 'view.refreshed', sql: 'refresh materialized view guest;' },
  { rule: 'rows.unbounded', sql: "update guest set name = '';" },
  { rule: null, sql: 'delete from guest where id in (select id from guest where name is null limit 1000);' },
  { rule: 'domain.constraint', sql: 'create domain plus as int check (value > 0);' },
  { rule: 'domain.constraint', sql: 'alter domain plus add constraint c check (value > 1);' },
  {
    rule: 'enum.fresh',
    sql: "alter type mood add value 'meh' after 'sad';\nupdate room set id = 1 where id::text = 'meh';",
  },
  { rule: 'enum.renamed', sql: "alter type mood rename value 'sad' to 'blue';" },
  { rule: 'enum.order', sql: "alter type mood add value 'meh';" },
  { rule: 'enum.created', sql: "create type mood as enum ('sad');" },
  { rule: 'timeout.lifted', sql: 'set lock_timeout = 0;' },
  { rule: 'replication.changed', sql: 'alter table sent add column x text;' },
  { rule: 'type.char', sql: 'alter table guest add column x char(3);' },
  { rule: 'type.varchar', sql: 'alter table guest add column x varchar(3);' },
  { rule: 'type.int-key', sql: 'create table x (id int primary key);' },
  { rule: 'type.serial', sql: 'create table x (id bigserial primary key);' },
  { rule: 'type.timestamp', sql: 'alter table guest add column x timestamp;' },
  { rule: 'type.json', sql: 'alter table guest add column x json;' },
  { rule: 'sql.code', sql: 'do $$ begin end $$;' },
  {
    rule: 'allow.unused',
    sql: '-- inn-allow column.dropped: nobody reads it\nalter table guest add column x text;',
  },
]
