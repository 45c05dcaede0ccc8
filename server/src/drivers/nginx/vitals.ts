import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const own = join(import.meta.dirname, 'beacon.js')
/** The package exports other forms of it alone, which stand in the same folder. */
const measures = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('web-vitals')), 'web-vitals.iife.js')

/** What pages load: web-vitals and our beacon, in one function, so that no name of theirs is seen by the app's own code. */
export async function vitalsScript(): Promise<string> {
  const [library, beacon] = await Promise.all([measures(), own].map(path => readFile(path, 'utf8')))
  return `;(() => {\n${library!.replace(/^\/\/# sourceMappingURL=.*$/m, '').trim()}\n${beacon}})()\n`
}

/** Lines of a site's servers: a page that is to be read here is asked for without compression (vitals.lua). */
export const PLAIN = `\
    set $edge_encoding $http_accept_encoding;
    proxy_set_header Accept-Encoding $edge_encoding;`

/** Where a static page goes that gets the script. It is read into memory, and compressed anew. */
export const HTML = `\
    location @html {
      root $edge_root;
      disable_symlinks on;
      gzip_static off;
      brotli_static off;
      add_header Cache-Control $edge_cache;
      body_filter_by_lua_block { return edge.body() }
      try_files $edge_file =404;
    }`

/** Where the script is given out, and takes its beacons to. */
export const VITALS = (id: string): string => `\
    location @vitals {
      client_body_buffer_size 8k;
      content_by_lua_block { vitals.serve('${id}') }
    }`
