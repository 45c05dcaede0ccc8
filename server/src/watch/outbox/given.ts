import { Failure } from '../../kernel/failure.ts'

const NAME = /^([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)=([\s\S]*)$/
/** They would reach what every object has. */
const OF_ALL = new Set(['__proto__', 'constructor', 'prototype'])

type Values = { [name: string]: string | Values }

/** `name=Ada`, `guest.name=Ada`: the variables of a preview. Failure `usage.set`. */
export function variablesOf(set: readonly string[]): Values {
  const values: Values = {}
  for (const one of set) {
    const [, path, value] = NAME.exec(one) ?? []
    const names = path?.split('.') ?? []
    if (path === undefined || names.some(name => OF_ALL.has(name))) throw unclear(one)
    let inner = values
    for (const name of names.slice(0, -1)) {
      const next = inner[name]
      const own: Values = typeof next === 'object' ? next : {}
      inner[name] = own
      inner = own
    }
    inner[names.at(-1)!] = value!
  }
  return values
}

const unclear = (said: string): Failure =>
  new Failure('usage.set', `--set ${said.slice(0, 60)} cannot be read`, {
    why: 'it is a name, = and a value',
    fix: '--set name=Ada, or --set guest.name=Ada for a part of one',
  })
