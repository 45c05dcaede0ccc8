/** How SQL names a table, a type or an index. `schema` null: the search path decides. */
export interface Name {
  schema: string | null
  name: string
}

/** How a default is computed. `functions`: the functions that it calls, by their last name; it is a constant without any. */
export interface Default {
  functions: readonly string[]
}

export interface Column {
  name: string
  /** The last name of the type, as PostgreSQL's parser gives it: `int4` for `int`. */
  type: string
  /** Such as `[20]` of `varchar(20)`. */
  size: readonly number[]
  notNull: boolean
  default: Default | null
  /** Computed from other columns, and stored. */
  generated: boolean
  identity: boolean
  constraints: readonly Constraint[]
}

export interface Constraint {
  kind: 'check' | 'foreign' | 'unique' | 'primary' | 'exclude'
  name: string | null
  columns: readonly string[]
  /** The table that a foreign key leads to. */
  references: Name | null
  /** Rows that are there already are not looked at. */
  notValid: boolean
  /** It takes over an index that is there. */
  usingIndex: boolean
  /** A check of exactly this: the column is not null. */
  notNullOf: string | null
}

/** What one statement of SQL does, as far as it matters to those who use the database meanwhile. */
export type Op =
  | {
      kind: 'table.create'
      table: Name
      temporary: boolean
      columns: readonly Column[]
      constraints: readonly Constraint[]
      partitionOf: Name | null
    }
  | { kind: 'table.drop'; table: Name; cascade: boolean }
  | { kind: 'view.drop'; table: Name; cascade: boolean }
  /** `schema`: the one that it is in afterwards. */
  | { kind: 'table.rename'; table: Name; to: string; schema: string | null }
  | { kind: 'table.rewrite'; table: Name | null; by: string }
  | { kind: 'table.lock'; table: Name }
  | { kind: 'table.truncate'; table: Name; cascade: boolean }
  | { kind: 'table.copied'; table: Name }
  | { kind: 'table.change'; table: Name; by: string }
  | { kind: 'column.add'; table: Name; column: Column }
  | { kind: 'column.drop'; table: Name; column: string }
  | { kind: 'column.rename'; table: Name; column: string; to: string }
  | {
      kind: 'column.type'
      table: Name
      column: string
      type: string
      size: readonly number[]
      using: boolean
    }
  | { kind: 'column.not-null'; table: Name; column: string }
  | { kind: 'column.null'; table: Name; column: string }
  | { kind: 'constraint.add'; table: Name; constraint: Constraint }
  | { kind: 'constraint.validate'; table: Name; name: string }
  | { kind: 'constraint.drop'; table: Name; name: string }
  | {
      kind: 'index.create'
      table: Name
      index: string | null
      columns: readonly (string | null)[]
      unique: boolean
      concurrently: boolean
      careful: boolean
    }
  | { kind: 'index.drop'; index: Name; concurrently: boolean; careful: boolean }
  | {
      kind: 'index.reindex'
      of: 'index' | 'table' | 'schema' | 'database'
      name: Name | null
      concurrently: boolean
    }
  | { kind: 'partition.attach'; table: Name; partition: Name; concurrently: boolean }
  | { kind: 'partition.detach'; table: Name; partition: Name; concurrently: boolean }
  | { kind: 'trigger.create'; table: Name }
  | { kind: 'view.refresh'; view: Name; concurrently: boolean }
  | { kind: 'domain.constraint'; domain: Name; created: boolean }
  | { kind: 'enum.create'; type: Name }
  | { kind: 'enum.add'; type: Name; value: string; placed: boolean }
  | { kind: 'enum.rename'; type: Name; value: string; to: string }
  | { kind: 'schema.rename'; schema: string; to: string }
  | { kind: 'schema.drop'; schema: string; cascade: boolean }
  | { kind: 'database.drop'; database: string }
  | { kind: 'rows.change'; table: Name; by: 'update' | 'delete' | 'insert'; bounded: boolean }
  | { kind: 'setting'; name: string; value: string | null }
  | { kind: 'transaction'; does: 'begin' | 'commit' | 'rollback' }
  /** A statement that PostgreSQL runs outside of a transaction alone. */
  | { kind: 'alone'; what: string }
  /** Code that decides at run time what it does. */
  | { kind: 'code'; what: string }

/** The operations of a kind. */
export type Of<K extends Op['kind']> = Extract<Op, { kind: K }>

/** One statement of a file. */
export interface Parsed {
  /** From 1. */
  line: number
  /** As it stands there, without the comments before it; long ones are cut. */
  text: string
  /** Comments between the statement before it and its end. */
  comments: readonly string[]
  /** Constants of text in it. */
  texts: readonly string[]
  /** Names that PostgreSQL cuts, because they are longer than 63 bytes. */
  long: readonly string[]
  ops: readonly Op[]
}

/** What a file of SQL says. */
export interface ParsedFile {
  /** Without those of which nothing could be said, such as the rows of a dump. */
  statements: readonly Parsed[]
  /** Of all statements. */
  count: number
  /** What PostgreSQL's parser does not understand; what follows it was not read. */
  error: { line: number; message: string } | null
}

/** Tables that a statement reads or writes, and words that may be columns of theirs. */
export interface Uses {
  tables: readonly Name[]
  columns: readonly string[]
  /** It asks for all columns, by `*`. */
  all: boolean
}

/** Port: PostgreSQL's own parser, in a process that can do nothing else. Failure `lint.unreadable`. */
export interface SqlParser {
  /** `texts`: of files, or of statements that were counted. */
  parse(texts: readonly string[]): Promise<ParsedFile[]>
  /** null: it could not be understood. */
  uses(texts: readonly string[]): Promise<Array<Uses | null>>
}
