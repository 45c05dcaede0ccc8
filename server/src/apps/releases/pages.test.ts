import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import type { Failure } from '../../kernel/failure.ts'
import { heldSource } from '../../kernel/held-source.ts'
import { checkPages } from './pages.ts'

const after = async (files: readonly string[], routes = '{ /: site }') => {
  const config = readConfigOrFail(
    `name: a\nservices: { site: { root: web, static: dist, build: [x] }, api: { start: node a.js } }\nroutes: ${routes}\n`,
  )
  const source = heldSource(Object.fromEntries(files.map(name => [`web/dist/${name}`, ''])))
  try {
    return await checkPages(source, config, config.services.find(s => s.name === 'site')!)
  } catch (error) {
    const { code, why, fix } = error as Failure
    return `${code}: ${why} | ${fix}`
  }
}
const BELOW = '{ /admin: site, /: api }'

test('what a build left for the first page decides: a page, files below a prefix, or nothing that answers', async () => {
  const table: Array<[files: string[], routes: string | undefined, says: RegExp | null]> = [
    [['index.html', 'a.js'], undefined, null],
    [['admin/index.html'], BELOW, null],
    [['a.js', 'pictures/b.png'], BELOW, null],
    [['terms.html'], BELOW, /^there is no index\.html in web\/dist: \/admin itself .*dist\/terms\.html$/],
    [[], undefined, /^build\.no-files: web\/dist is not there after the build, or empty \|/],
    [[], BELOW, /^build\.no-files: web\/dist is not there/],
    [['a.js'], undefined, /no index\.html in web\/dist after the build \| correct static: .*below a prefix/],
    [['home.html'], undefined, /; there is web\/dist\/home\.html \| name the first page index\.html/],
    [
      ['browser/index.html', 'browser/a.js'],
      undefined,
      /; there is web\/dist\/browser\/index\.html \| services\.site\.static: dist\/browser$/,
    ],
  ]
  for (const [files, routes, says] of table) {
    const found = await after(files, routes)
    if (says === null) assert.equal(found, null, files.join())
    else assert.match(found ?? 'nothing', says)
  }
})
