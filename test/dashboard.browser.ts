import assert from 'node:assert/strict'
import { type Browser, chromium, type Page } from 'playwright-core'
import { copies, tables } from './dashboard-data.browser.ts'
import { outbox, statusPage } from './dashboard-outbox.browser.ts'
import { passkeys } from './dashboard-passkeys.browser.ts'
import { audit, lost, people, signIn, signOut } from './dashboard-people.browser.ts'
import { runbooks } from './dashboard-runbooks.browser.ts'
import {
  alerts,
  approvals,
  figures,
  incidents,
  jobs,
  locks,
  maintenance,
  metrics,
  report,
  security,
} from './dashboard-watch.browser.ts'

/** A walk through the dashboard as a person does it, in a real browser, against any keeper that serves it. */
export interface Target {
  /** Where the dashboard is, without a slash at the end. */
  url: string
  email: string
  password: string
  /** An app that serves and that can be rolled back. */
  app: string
  /** What a restore is tried with; without it, nobody looks at the data. */
  data?: Data
  /** Whether it is measured. */
  measured?: boolean
  /** Milliseconds that a rollback may take, its watch included. */
  rollbackMs?: number
  /** Told of each part of the walk as it begins. */
  say?: (part: string) => void
}

/** Rows that are lost and come back. */
export interface Data {
  /** Loses rows; the moment before that, as milliseconds since 1970 of a whole second. */
  lose(): Promise<number>
  rows(): Promise<number>
  /** How many there were. */
  all: number
}

/** Not the keeper's: moments are said by the clock of the reader. */
const ZONE = 'Australia/Adelaide'
const CHANGE_MS = 60_000

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The preview of a mail is shown with a script in it, which must not run. */
const KEPT_FROM_RUNNING = "Blocked script execution in 'about:srcdoc'"

const WIDE = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }

export interface Walk {
  page: Page
  target: Target
  /** What the browser complained of since the sign-in. */
  complaints: string[]
}

const PARTS: Array<[string, (walk: Walk) => Promise<void>]> = [
  ['the overview shows the app serving, live', overview],
  ['the app page shows its releases and instances', appPage],
  ['figures of visitors, data and what becomes full are shown', figures],
  ['who holds others up in the database is seen and ended', locks],
  ['a job is started, looked at and paused', jobs],
  ['what waits for an approval is seen and refused, and where an app is is told', approvals],
  ['any PromQL is charted, and a wrong one is told', metrics],
  ['what is wrong is shown, and taken in hand', alerts],
  ['an incident is opened, noted in, ended and reviewed', incidents],
  ['a runbook is walked through, and left out where a question says no', runbooks],
  ['a message to people is looked at and cancelled, and a template is seen at two widths', outbox],
  ['what people outside see on the status page is shown', statusPage],
  ['visitors are kept out for maintenance, and let in again', maintenance],
  ['the report of a day says how each part stands', report],
  ['what an attacker would find is shown, with its fix', security],
  ['colours follow the system, and the choice of a person', colours],
  ['a dialog is used with the keyboard alone', keyboard],
  ['nothing is wider than a phone', phone],
  ['an address that is not there has a way back', lost],
  ['a person is invited, is inside at once, gets another role, and is removed', people],
  ['a passkey is added, signs in, and is removed', passkeys],
  ['the audit log of one app is found', audit],
  ['a rollback is planned, confirmed and followed to its end', rollback],
  ['the backups page shows the place, a restore point, and what a drill would do', backups],
  ['a backup is planned, confirmed and followed to its end, with the keyboard alone', backUp],
  ['a table is compared with its state at a moment', tables],
  ['a copy to look at is made, and removed', copies],
  ['a restore to a moment brings lost rows back, with the keyboard alone', restore],
  ['what a restore put aside is discarded', discard],
]

/** Throws at the first thing that is not as promised; the message names the part. */
export async function walkDashboard(target: Target): Promise<void> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGS })
  try {
    const walk: Walk = { page: await newPage(browser), target, complaints: [] }
    await part(target, 'a stranger is asked to sign in, and a wrong password is refused', () => signIn(walk))
    walk.page.on('console', message => {
      const text = message.text()
      if (message.type() === 'error' && !text.startsWith(KEPT_FROM_RUNNING)) walk.complaints.push(text)
    })
    walk.page.on('pageerror', error => walk.complaints.push(error.message))
    for (const [name, check] of PARTS) await part(target, name, () => check(walk))
    await part(target, 'the browser has nothing to complain of', async () =>
      assert.deepEqual(walk.complaints, []),
    )
    await part(target, 'signing out closes the door', () => signOut(walk))
  } finally {
    await browser.close()
  }
}

async function part(target: Target, name: string, check: () => Promise<void>) {
  target.say?.(name)
  try {
    await check()
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

async function newPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({
    viewport: WIDE,
    colorScheme: 'light',
    reducedMotion: 'reduce',
    timezoneId: ZONE,
  })
  context.setDefaultTimeout(10_000)
  return context.newPage()
}

async function overview({ page, target }: Walk) {
  await page.goto(target.url)
  await page.locator(`[data-app="${target.app}"][data-state="serving"]`).waitFor()
  await page.locator('[data-connection="live"]').waitFor()
  assert.ok((await page.locator('[data-part]').count()) > 0, 'no part of the server is shown')
  assert.ok((await page.locator('[data-alarm]').count()) > 0, 'no alarm is shown')
}

async function appPage({ page, target }: Walk) {
  await page.getByRole('link', { name: target.app, exact: true }).click()
  await page.locator('[data-release]').first().waitFor()
  const instances = page.getByRole('table', { name: 'instances' })
  await instances.getByText('ready').first().waitFor()
  assert.ok(
    (await page.locator('[data-release]').filter({ hasText: 'live' }).count()) > 0,
    'no release is marked live',
  )
  assert.ok(
    (await page.getByRole('list', { name: 'history' }).locator('[data-run]').count()) > 0,
    'the history is empty',
  )
  await page.getByRole('log').waitFor()
}

/** The page's background as it is painted. */
const background = (page: Page): Promise<string> =>
  page.evaluate('getComputedStyle(document.documentElement).backgroundColor') as Promise<string>

async function colours({ page, target }: Walk) {
  await page.goto(`${target.url}/apps/${target.app}`)
  const light = await background(page)
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await background(page)
  assert.notEqual(light, dark, 'the page is the same in dark')
  await page.locator('[data-theme-switch]').click()
  assert.equal(await background(page), light, 'the switch does not go to light')
  await page.reload()
  await page.locator('[data-theme-switch="light"]').waitFor()
  assert.equal(await background(page), light, 'the choice is forgotten on reload')
  await page.locator('[data-theme-switch]').click()
  await page.locator('[data-theme-switch]').click()
  assert.equal(await background(page), dark, 'the page does not follow the system again')
  await page.emulateMedia({ colorScheme: 'light' })
}

async function keyboard({ page }: Walk) {
  const button = page.locator('[data-action="restart"]')
  await button.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').locator('[data-step]').first().waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  const focused = await page.evaluate('document.activeElement.dataset.action')
  assert.equal(focused, 'restart', 'the focus does not return to the button')
}

async function phone({ page, target }: Walk) {
  await page.setViewportSize(PHONE)
  for (const path of [
    '/',
    `/apps/${target.app}`,
    `/apps/${target.app}/outbox`,
    '/backups',
    '/metrics',
    '/alerts',
    '/incidents',
    '/runbooks',
    '/report',
    '/security',
    '/people',
    '/tokens',
    '/account',
    '/audit',
  ]) {
    await page.goto(`${target.url}${path}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForTimeout(500)
    const width = (await page.evaluate('document.documentElement.scrollWidth')) as number
    assert.ok(width <= PHONE.width, `${path} is ${width} px wide, on a phone`)
  }
  await page.goto(`${target.url}/backups`)
  await page.locator(`[aria-label="restore ${target.app}"]`).click()
  const { width } = (await page.getByRole('dialog').boundingBox())!
  assert.ok(width <= PHONE.width, 'the form of a restore is wider than a phone')
  await page.setViewportSize(WIDE)
}

async function rollback({ page, target }: Walk) {
  await page.goto(`${target.url}/apps/${target.app}`)
  const button = page.locator('[data-action="rollback"]')
  await button.click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('[data-step]').first().waitFor()
  const planned = await dialog.locator('[data-step]').count()
  await dialog.locator('[data-confirm="rollback"]').click()
  await page.waitForURL(/\/runs\//)
  await page.locator('[data-step]').first().waitFor()
  assert.equal(
    await page.locator('[data-step]').count(),
    planned,
    'the run has other steps than the plan had',
  )
  await page.locator('[data-run-outcome="done"]').waitFor({ timeout: target.rollbackMs ?? CHANGE_MS })
  assert.equal(
    await page.locator('[data-step][data-state="done"]').count(),
    planned,
    'not every step is shown as done',
  )
}

async function backups({ page, target }: Walk) {
  await page.getByRole('link', { name: 'Backups', exact: true }).first().click()
  await page.locator('[data-place]').first().waitFor()
  await page.locator('[data-point][data-state="good"]').first().waitFor()
  const marks = page.getByRole('slider', { name: /restore points and backups/ }).first()
  await marks.focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowRight')
  assert.match((await marks.getAttribute('aria-valuetext')) ?? '', /restore point|backup/)
  for (const button of ['[data-action="verify"]', `[aria-label="drill ${target.app} now"]`]) {
    await page.locator(button).click()
    await page.getByRole('dialog').locator('[data-step]').first().waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
}

/** Goes from one to the next as a person without a mouse does, until it has the focus. */
async function tabTo(page: Page, selector: string) {
  await page.locator(`${selector}:not(:disabled)`).waitFor()
  for (let pressed = 0; pressed < 60; pressed++) {
    if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${selector} is not reached with the keyboard`)
}

/** The run that has begun, to its end. */
async function follow(page: Page) {
  await page.waitForURL(/\/runs\//)
  await page.locator('[data-run-state="ended"]').waitFor({ timeout: CHANGE_MS })
  const said = await page.locator('[data-failure]').allInnerTexts()
  assert.equal(await page.locator('[data-run-outcome="done"]').count(), 1, `it is not done: ${said}`)
}

async function backUp({ page, target }: Walk) {
  const newest = () => page.locator('[data-point]').first().getAttribute('data-point')
  const before = await newest()
  await tabTo(page, '[data-action="backup"]')
  await page.keyboard.press('Enter')
  await tabTo(page, '[data-confirm="backup"]')
  await page.keyboard.press('Enter')
  await follow(page)
  await page.goto(`${target.url}/backups?app=${target.app}`)
  await page.locator('[data-point][data-state="good"]').first().waitFor()
  assert.notEqual(await newest(), before, 'the new restore point is not shown')
}

async function restore({ page, target }: Walk) {
  const { app, data } = target
  const moment = await data?.lose()
  await page.reload()
  await tabTo(page, `[aria-label="restore ${app}"]`)
  await page.keyboard.press('Enter')
  const field = page.getByLabel(`Moment, by the clock of ${ZONE}`)
  if (moment !== undefined)
    await field.fill(new Date(moment).toLocaleString('sv-SE', { timeZone: ZONE }).replace(' ', 'T'))
  await tabTo(page, '[data-action="restore-plan"]')
  await page.keyboard.press('Enter')
  await page.getByRole('list', { name: 'to know' }).waitFor()
  assert.ok(await page.locator('[data-confirm="restore"]').isDisabled(), 'it restores without the name')
  await tabTo(page, 'dialog form[id] input')
  await page.keyboard.type(app)
  await page.keyboard.press('Enter')
  await follow(page)
  if (data !== undefined) assert.equal(await data.rows(), data.all, 'the rows did not come back')
}

async function discard({ page, target }: Walk) {
  await page.goto(`${target.url}/backups?app=${target.app}`)
  await page.locator('[data-kept]').waitFor()
  await page.locator('[data-action="restore-discard"]').click()
  await page.locator('[data-confirm="restore-discard"]').click()
  await follow(page)
  // Not loaded anew: it is shown as it was until the keeper says otherwise.
  await page.getByRole('navigation', { name: 'where' }).getByRole('link', { name: 'Backups' }).click()
  await page.locator('[data-kept]').waitFor({ state: 'detached' })
}
