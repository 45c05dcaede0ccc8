import { parse as parseToml } from 'smol-toml'
import { parse as parseYaml } from 'yaml'
import { type Fields, type Foreign, fields } from './foreign.ts'

/** The mapping in a text; an empty one, and a sentence why, where there is none. */
function mapping(parse: (text: string) => unknown): (text: string, into: Foreign) => Fields {
  return (text, into) => {
    try {
      const found = parse(text)
      if (Object.keys(fields(found)).length > 0) return fields(found)
      into.unread.push('there is no mapping in it')
    } catch (error) {
      into.unread.push(
        `it cannot be read: ${String((error as Error).message)
          .split('\n')[0]!
          .replace(/:$/, '')}`,
      )
    }
    return {}
  }
}

export const bareJson = mapping(text => JSON.parse(text))
export const bareYaml = mapping(text => parseYaml(text, { merge: true, logLevel: 'error' }))
export const bareToml = mapping(text => parseToml(text))
