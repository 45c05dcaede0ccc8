import { extname, join } from 'node:path'

/** A program of ours that lies beside a module: TypeScript in a checkout, JavaScript in a release. */
export const programBeside = ({ dirname, filename }: ImportMeta, name: string): string =>
  join(dirname, `${name}${extname(filename)}`)

/**
 * The environment of a program of ours that ends by itself: it takes what Node.js has compiled before, as commands do
 * (`bin/inn.js`), which halves what its start costs.
 */
export const COMPILED_BEFORE: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: join(import.meta.dirname, '../../../../node_modules/.cache/compiled'),
}
