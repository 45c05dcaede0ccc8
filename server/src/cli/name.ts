import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { appKey, parseApp } from '../config/app-key.ts'
import { Failure } from '../kernel/failure.ts'

/** The name in the innkeeper.yaml of this folder; null: there is none. */
export function nameHere(): string | null {
  try {
    // Only the name is read: a mistake elsewhere in the file must not prevent a rollback.
    return (
      /^name:[ \t]*["']?([a-z][a-z0-9-]*)/m.exec(readFileSync(resolve('innkeeper.yaml'), 'utf8'))?.[1] ?? null
    )
  } catch {
    return null
  }
}

/** The key of an app as somebody typed it: `shop`, `shop@staging`, or `shop` with `--environment staging`. */
export function keyOf(named: string, environment: string | undefined): string {
  const typed = parseApp(named)
  if (environment === undefined) return appKey(typed)
  if (!named.includes('@') || typed.environment === environment) return appKey({ ...typed, environment })
  const both = `${typed.environment} and ${environment}`
  throw new Failure('usage.environment', `two environments are named: ${both}`, {
    why: `${named} says the one, --environment the other`,
    fix: `\`${appKey(typed)}\` alone, or \`${appKey({ ...typed, environment })}\``,
  })
}

/** `--environment` without the name of an app: it is the one of this folder. Failure `usage.app`. */
export function keyHere(environment: string): string {
  const name = nameHere()
  if (name !== null) return keyOf(name, environment)
  throw new Failure('usage.app', 'which app?', {
    why: `--environment ${environment} says in which environment, and this folder has no innkeeper.yaml that says of which app`,
    fix: `name it: \`--app NAME@${environment}\``,
  })
}
