/** What a rule is called by other tools, one name or several; null: none of theirs says it. */
interface Elsewhere {
  squawk: string | null
  strongMigrations: string | null
}

const rule = (what: string, squawk: string | null = null, strongMigrations: string | null = null) => ({
  what,
  squawk,
  strongMigrations,
})

/** What is looked for in migrations. */
export const RULES = {
  'sql.syntax': rule('SQL that PostgreSQL does not understand', 'syntax-error'),
  'sql.code': rule('what code decides when it runs, which nobody can judge before'),
  'transaction.alone': rule(
    'a statement that refuses to run inside a transaction, where its tool runs it in one',
    'ban-concurrent-index-creation-in-transaction',
  ),
  'transaction.open': rule('a begin without its commit', 'ban-uncommitted-transaction'),
  'transaction.nested': rule('a begin inside of a transaction', 'transaction-nesting'),
  'name.long': rule('a name that PostgreSQL cuts after 63 bytes', 'identifier-too-long'),
  'index.locks': rule('an index made while writes wait', 'require-concurrent-index-creation', 'add_index'),
  'index.drop-locks': rule(
    'an index dropped while everybody waits',
    'require-concurrent-index-deletion',
    'remove_index',
  ),
  'index.reindex-locks': rule('an index made anew while others wait', 'require-concurrent-reindex'),
  'index.repeat': rule(
    'a concurrent index that cannot be tried again after it failed',
    'prefer-robust-stmts',
  ),
  'partition.detach-locks': rule(
    'a partition detached while everybody waits',
    'require-concurrent-partition-detach',
  ),
  'partition.attach-scans': rule('a partition whose rows are all looked at before it is attached'),
  'constraint.unique': rule(
    'a unique constraint that makes its index while everybody waits',
    'disallowed-unique-constraint',
    'add_unique_constraint',
  ),
  'constraint.primary': rule(
    'a primary key that makes its index while everybody waits',
    'adding-serial-primary-key-field',
  ),
  'constraint.exclusion': rule(
    'an exclusion constraint, for which there is no way without a lock',
    null,
    'add_exclusion_constraint',
  ),
  'constraint.foreign': rule(
    'a foreign key that looks at all rows at once',
    'adding-foreign-key-constraint',
    'add_foreign_key',
  ),
  'constraint.check': rule(
    'a check that looks at all rows at once',
    'constraint-missing-not-valid',
    'add_check_constraint',
  ),
  'constraint.unindexed': rule('a foreign key whose own column has no index'),
  'column.not-null': rule(
    'a column that becomes not null, with a look at all rows',
    'adding-not-nullable-field',
    'change_column_null',
  ),
  'column.required': rule(
    'a new column that has to have a value, and none is given',
    'adding-required-field',
  ),
  'column.volatile': rule(
    'a default that is another for each row, so the table is written anew',
    'adding-field-with-default',
    'add_column_default',
  ),
  'column.generated': rule(
    'a serial or computed column, for which the table is written anew',
    null,
    'add_column_generated_stored',
  ),
  'column.type': rule(
    'another type, for which the table is written anew',
    'changing-column-type',
    'change_column',
  ),
  'column.dropped': rule('a column dropped that what serves may ask for', 'ban-drop-column', 'remove_column'),
  'column.renamed': rule('a column renamed that what serves may ask for', 'renaming-column', 'rename_column'),
  'column.null': rule('a column that may be null from now on', 'ban-drop-not-null'),
  'table.dropped': rule('a table dropped', 'ban-drop-table', 'create_table'),
  'table.renamed': rule('a table renamed that what serves may ask for', 'renaming-table', 'rename_table'),
  'table.emptied': rule('a table emptied, with those that refer to it', 'ban-truncate-cascade'),
  'table.rewritten': rule('a table written anew while everybody waits', null),
  'table.locked': rule('a lock held for a whole transaction'),
  'schema.renamed': rule('a schema renamed or dropped', null, 'rename_schema'),
  'database.dropped': rule('a database dropped', 'ban-drop-database'),
  'view.refreshed': rule('a materialized view made anew while its readers wait'),
  'rows.unbounded': rule('rows changed all at once, in one transaction', null, null),
  'domain.constraint': rule(
    'a constraint of a domain, which looks at every column of that type',
    'ban-create-domain-with-constraint, ban-alter-domain-with-add-constraint',
  ),
  'enum.fresh': rule('a new value of an enum used in the transaction that adds it'),
  'enum.renamed': rule('a value of an enum renamed that what serves may write', null, 'rename_enum_value'),
  'enum.order': rule('a value added to the end of an enum', 'require-enum-value-ordering'),
  'enum.created': rule('an enum, whose values cannot be taken away again'),
  'timeout.lifted': rule('a bound on waiting or running taken away'),
  'session.open': rule('a session whose locks the migration would wait for'),
  'replication.changed': rule('a change that a running logical replication does not know'),
  'type.char': rule('char(n), which pads', 'ban-char-field'),
  'type.varchar': rule('varchar(n), whose bound is hard to change', 'prefer-text-field'),
  'type.int-key': rule('a key of 32 bits, which ends at 2,147,483,647', 'prefer-bigint-over-int'),
  'type.serial': rule('serial, whose sequence has rights of its own', 'prefer-identity'),
  'type.timestamp': rule('a time without its zone', 'prefer-timestamp-tz'),
  'type.json': rule('json, which cannot be compared', null, 'add_column_json'),
  'allow.unused': rule('an allowance for what is not there, or without a reason'),
} as const satisfies Record<string, Elsewhere & { what: string }>

export type RuleId = keyof typeof RULES
