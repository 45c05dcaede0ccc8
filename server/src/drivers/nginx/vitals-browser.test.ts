import assert from 'node:assert/strict'
import { chmod, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Browser, chromium } from 'playwright-core'
import { removeTree } from '../host/files.ts'
import { files, only, type Running, startEdge, until } from './nginx.fixture.ts'

const PAGE = `<!doctype html><html><head><title>x</title><link rel="icon" href="data:,"></head><body><h1>hello</h1>
<button onclick="history.pushState({}, '', '/cart'); const at = Date.now(); while (Date.now() < at + 120);">buy</button></body></html>`

let edge: Running
let folder: string
let browser: Browser

before(async () => {
  ;[edge, folder, browser] = await Promise.all([
    startEdge(),
    mkdtemp(join(tmpdir(), 'site-')),
    chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] }),
  ])
  await chmod(folder, 0o755)
  await writeFile(join(folder, 'index.html'), PAGE)
  await edge.edge.route('shop', only({ ...files([folder], true), vitals: true }))
})
after(async () => {
  await Promise.all([browser.close(), edge.stop()])
  await removeTree(folder)
})

test('a page that a person opens, uses and leaves is measured, without a cookie', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(error.message))
  const at = `http://127.0.0.1:${edge.site.port}`
  await page.goto(`${at}/products/17`)
  await page.getByRole('button').click()
  await page.waitForURL(`${at}/cart`)
  // The click is measured when what it changed was painted.
  await page.evaluate(
    'new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))',
  )
  await page.goto('about:blank')
  const told = async (text: string) => (await edge.edge.metrics()).includes(text)
  await until(() => told('page_views_total{app="shop",service="web",page="/products/:id"} 1'), 'a view')
  assert.ok(await told('page_views_total{app="shop",service="web",page="/cart"} 1'))
  for (const name of ['lcp_seconds', 'fcp_seconds', 'ttfb_seconds', 'inp_seconds', 'cls'])
    assert.ok(await told(`web_vitals_${name}_count{app="shop",service="web",page="/products/:id"} 1`), name)
  assert.ok(await told('page_load_seconds_count{app="shop",service="web",page="/products/:id"} 1'))
  assert.deepEqual([complaints, await context.cookies()], [[], []])
})
