import { z } from 'zod'

export const SettingsInput = z.object({
  hostelName: z.string().trim().min(2).max(80).default('Harbour Capsules'),
  currency: z.string().regex(/^[A-Z]{3}$/, 'is three capital letters, such as EUR').default('EUR'),
  nightlyCents: z.coerce.number().int().min(0).max(1_000_000).default(2900),
  checkOutHour: z.coerce.number().int().min(0).max(23).default(11),
})

export type HouseSettings = z.infer<typeof SettingsInput>

export interface Settings {
  read(): Promise<HouseSettings>
  write(settings: HouseSettings): Promise<void>
}

export const fromRows = (rows: { key: string; value: string }[]): HouseSettings =>
  SettingsInput.parse(Object.fromEntries(rows.map((row) => [row.key, row.value])))

export const toRows = (settings: HouseSettings) =>
  Object.entries(settings).map(([key, value]) => ({ key, value: String(value) }))
