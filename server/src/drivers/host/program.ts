import { extname, join } from 'node:path'

/** A program of ours that lies beside a module: TypeScript in a checkout, JavaScript in a release. */
export const programBeside = ({ dirname, filename }: ImportMeta, name: string): string =>
  join(dirname, `${name}${extname(filename)}`)
