import assert from 'node:assert/strict'
import type { Walk } from './dashboard.browser.ts'

/** What is wrong, and that somebody takes it in hand. */
export async function alerts({ page, target }: Walk) {
  await page.getByRole('navigation', { name: 'pages' }).getByRole('link', { name: 'Alerts' }).click()
  await page.getByRole('region', { name: 'Wrong now' }).waitFor()
  if (!target.measured) return
  const first = page.getByRole('list', { name: 'alerts' }).first().locator('[data-alert]').first()
  await first.getByRole('button', { name: 'Silence' }).click()
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await first.getByRole('button', { name: 'Acknowledge' }).click()
  await first.getByText(/has it in hand/).waitFor()
}

/** One is opened by hand, taken in hand, noted in, ended, and its review drafted. */
export async function incidents({ page, target }: Walk) {
  const pages = page.getByRole('navigation', { name: 'pages' })
  await pages.getByRole('link', { name: 'Incidents' }).click()
  await page.getByRole('button', { name: 'Open an incident' }).click()
  await page.getByLabel('What goes wrong').fill('cards are refused')
  await page.getByLabel('Of', { exact: true }).selectOption({ label: target.app })
  await page.getByRole('dialog').getByRole('button', { name: 'Open', exact: true }).click()
  await page.getByRole('heading', { name: 'cards are refused' }).waitFor()
  await page.getByRole('button', { name: 'I have it in hand' }).click()
  await page.getByText(/has it in hand/).waitFor()
  await page.getByLabel('What you found or did').fill('the provider looks')
  await page.getByRole('button', { name: 'Note it' }).click()
  await page.getByRole('list', { name: 'timeline' }).getByText('the provider looks').waitFor()
  await page.getByLabel('What is to be done').fill('alert on refusals')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('button', { name: 'Done' }).click()
  await page
    .getByRole('list', { name: 'to be done' })
    .getByText(/^done by/)
    .waitFor()
  await page.getByRole('button', { name: 'It is over' }).click()
  await page.getByRole('button', { name: 'It is over' }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Draft it' }).click()
  assert.match(
    await page.getByLabel('review', { exact: true }).and(page.locator('textarea')).inputValue(),
    /^# Incident \d+: cards are refused/,
  )
  await pages.getByRole('link', { name: 'Incidents' }).click()
  await page.getByRole('region', { name: 'Over' }).getByText('cards are refused').waitFor()
}

/** Visitors are kept out and let in again. */
export async function maintenance({ page, target }: Walk) {
  await page.goto(`${target.url}/apps/${target.app}`)
  const card = page.getByRole('region', { name: 'Maintenance' })
  await card.getByRole('button', { name: 'Plan' }).click()
  await page.getByLabel('When').selectOption({ label: 'now' })
  await page.getByLabel('What the page says (may be empty)').fill('New rooms')
  await page.getByRole('button', { name: 'Keep visitors out now' }).click()
  await card.getByText('New rooms', { exact: true }).waitFor()
  await card.getByRole('button', { name: 'Let visitors in' }).click()
  await card.getByRole('button', { name: 'Let visitors in' }).waitFor({ state: 'detached' })
}

/** The report is reached from the alerts, and shows another time. */
export async function report({ page }: Walk) {
  await page.getByRole('navigation', { name: 'pages' }).getByRole('link', { name: 'Alerts' }).click()
  await page.getByRole('link', { name: /^Report of the day/ }).click()
  await page.getByRole('button', { name: 'Day', exact: true }).click()
  await page.waitForURL(/period=day/)
  await page
    .locator('[data-section="runs"]')
    .getByText(/deploy/)
    .first()
    .waitFor({ timeout: 40_000 })
  await page.locator('[data-section="backups"]').waitFor()
}

/** What an attacker would find, by a look that is asked for. */
export async function security({ page }: Walk) {
  await page.getByRole('navigation', { name: 'pages' }).getByRole('link', { name: 'Security' }).click()
  await page.getByRole('region', { name: 'Score' }).getByText('of 100').waitFor({ timeout: 40_000 })
  const first = page.getByRole('list', { name: 'findings' }).getByRole('listitem').first()
  await first.getByText('fix', { exact: true }).waitFor()
  const again = page.getByRole('button', { name: 'Look again' })
  await again.click()
  await page
    .getByText('looked just now')
    .or(page.getByText(/looked \d+ s ago/))
    .waitFor()
}

/** Any PromQL becomes a chart, and what Prometheus does not understand is said in its own words. */
export async function metrics({ page, target, complaints }: Walk) {
  await page.getByRole('navigation', { name: 'pages' }).getByRole('link', { name: 'Metrics' }).click()
  const box = page.getByLabel('PromQL')
  await box.fill('up')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/metrics\?query=up/)
  if (!target.measured) {
    await page.getByText('Nothing is measured on this server.').waitFor()
    return
  }
  await page.getByRole('table', { name: 'series' }).getByText('app=').first().waitFor()
  await page.getByLabel('time shown').selectOption({ label: '90 days' })
  await page.getByRole('table', { name: 'series' }).waitFor()
  await box.fill('sum(')
  await page.keyboard.press('Enter')
  await page.locator('[data-failure="metrics.query"]').getByText('parse error').waitFor()
  // The browser tells of each answer that is a failure, and this one was wanted.
  const wanted = complaints.splice(0)
  complaints.push(...wanted.filter(text => !text.includes('400')))
}

/** Who holds others up in the database, which only the page alone has, is ended. */
export async function locks({ page, target }: Walk) {
  await page.goto(`${target.url}/apps/${target.app}`)
  if (!target.measured) return
  const card = page.getByRole('list', { name: 'locks' })
  await card
    .getByText(/waits for/)
    .first()
    .waitFor()
  await card.getByRole('button', { name: /^End session 4711/ }).click()
  await card.getByRole('button', { name: /^End session 4720/ }).waitFor()
}

/** What visitors felt, the database and Redis, routes, and when what is full. */
export async function figures({ page, target }: Walk) {
  if (!target.measured) return
  await page.goto(target.url)
  const forecasts = page.getByRole('table', { name: 'forecasts' })
  await forecasts.locator('time').first().waitFor()
  await page.goto(`${target.url}/apps/${target.app}`)
  const felt = page.getByRole('region', { name: 'What visitors felt' })
  await felt.locator('[data-vital="lcp"]').getByText('good').waitFor()
  await felt.locator('[data-vital="cls"]').getByText('poor').waitFor()
  assert.ok((await felt.getByRole('table', { name: 'top pages' }).getByRole('row').count()) > 2)
  assert.ok((await page.getByRole('table', { name: 'routes' }).getByRole('row').count()) > 1)
  await page.getByRole('img', { name: /^Connections: idle now/ }).waitFor()
  await page.getByRole('table', { name: 'slowest statements' }).locator('summary').first().click()
  await page.getByRole('table', { name: 'slowest statements' }).locator('pre').first().waitFor()
}

/** What waits for somebody else's approval, and where the parts of an app are. Only the page alone has a plan that waits. */
export async function approvals({ page, target }: Walk) {
  if (target.measured) {
    await page.goto(target.url)
    const waits = page.locator('[data-approval]').filter({ hasText: 'the assistant of ada' })
    await waits.getByRole('button', { name: 'Look at it' }).click()
    await page.getByRole('dialog').locator('[data-step]').first().waitFor()
    await page.getByRole('button', { name: 'Refuse' }).click()
    await waits.waitFor({ state: 'detached' })
  }
  await page.goto(`${target.url}/apps/${target.app}`)
  await page
    .getByRole('table', { name: /^where the parts of/ })
    .getByText('PostgreSQL')
    .waitFor()
}

/** A job is started, its runs are looked at, and it is paused. The app of a real keeper has none. */
export async function jobs({ page, target }: Walk) {
  if (!target.measured) return
  await page.goto(`${target.url}/apps/${target.app}`)
  const card = page.getByRole('region', { name: 'Jobs', exact: true })
  const one = card.locator('[data-job="reminders"]')
  await one.getByRole('img', { name: /the last 30 runs: .*1 failed/ }).waitFor()
  await one.getByRole('button', { name: 'run now: reminders' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Run now' }).click()
  await card.locator('[data-job="reminders"][data-state="running"]').waitFor()
  await one.getByRole('button', { name: 'runs of reminders' }).click()
  await page.getByRole('dialog').getByText('42 bookings of yesterday').first().waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await one.getByRole('button', { name: 'pause: reminders' }).click()
  await one.getByText(/paused by ada/).waitFor()
}
