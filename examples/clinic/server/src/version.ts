import { readFileSync } from 'node:fs'

const packageFile = new URL('../package.json', import.meta.url)

export const version: string =
  process.env.APP_VERSION || (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version
