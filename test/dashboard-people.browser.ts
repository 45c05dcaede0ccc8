import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { Walk } from './dashboard.browser.ts'

export async function signIn({ page, target }: Walk) {
  const submit = async (password: string) => {
    await page.getByLabel('Email').fill(target.email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }
  await page.goto(`${target.url}/apps/${target.app}`)
  await page.waitForURL(/\/sign-in/)
  await submit('certainly not the password')
  await page.locator('[data-failure]').waitFor()
  await submit(target.password)
  await page.waitForURL(new RegExp(`/apps/${target.app}$`))
  await page.getByRole('heading', { level: 1, name: target.app }).waitFor()
}

export async function signOut({ page, target }: Walk) {
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(/\/sign-in/)
  await page.goto(target.url)
  await page.waitForURL(/\/sign-in/)
}

/** An address that the dashboard does not have. */
export async function lost({ page, target }: Walk) {
  await page.goto(`${target.url}/nope`)
  await page.getByRole('link', { name: 'Go to the overview' }).click()
  await page.waitForURL(`${target.url}/`)
}

const EVE = 'eve@example.com'
const rowOf = (page: Page) =>
  page.getByRole('table', { name: 'people' }).getByRole('row').filter({ hasText: EVE })

/** A person is invited, chooses a password in another browser and is inside at once, gets another role, and is removed. */
export async function people({ page, target }: Walk) {
  await page.goto(`${target.url}/people`)
  await page.getByLabel('Email').fill(EVE)
  await page.getByRole('button', { name: 'Invite' }).click()
  const link = await page.getByText('/welcome?').first().innerText()
  const other = await page.context().browser()!.newContext()
  const hers = await other.newPage()
  await hers.goto(`${target.url}/welcome${new URL(link).search}`)
  await hers.getByLabel('Password').fill('a dozen letters and more')
  await hers.getByRole('button', { name: 'Set password' }).click()
  await hers.waitForURL(`${target.url}/`)
  await hers.getByRole('button', { name: 'Sign out' }).waitFor()

  await rowOf(page)
    .getByRole('button', { name: `change the role of ${EVE}` })
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Role in all apps').selectOption('none: only in the apps named')
  await dialog.getByLabel(`Role in ${target.app}`).selectOption('viewer')
  await page.getByRole('button', { name: 'Change role' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click()
  await rowOf(page).getByText(`viewer of ${target.app}`).waitFor()

  await rowOf(page)
    .getByRole('button', { name: `remove ${EVE}` })
    .click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
  await rowOf(page).waitFor({ state: 'detached' })
  await other.close()
}

/** The audit log of one app, and of nobody. */
export async function audit({ page, target }: Walk) {
  await page.goto(`${target.url}/audit`)
  const rows = page.getByRole('table', { name: 'audit' }).getByRole('row')
  await rows.first().waitFor()
  await page.getByLabel('App').selectOption(target.app)
  await page.getByRole('searchbox', { name: 'Who' }).fill('nobody is called like that')
  await page.getByText('No entry is like that.').waitFor()
  await page.getByRole('searchbox', { name: 'Who' }).fill('')
  await rows.first().waitFor()
  const apps = await rows.locator('[data-label="App"]').allInnerTexts()
  assert.deepEqual(new Set(apps), new Set([target.app]))
}
