export const money = (cents: number, currency = 'EUR') =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).format(cents / 100)

export const wholeMoney = (cents: number, currency = 'EUR') =>
  new Intl.NumberFormat('en', { style: 'currency', currency, maximumFractionDigits: 0 }).format(cents / 100)

export const day = (iso: string) =>
  new Intl.DateTimeFormat('en', { weekday: 'short', day: 'numeric', month: 'short' }).format(new Date(iso))

export const dayAndTime = (iso: string) =>
  new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hour12: false }).format(new Date(iso))

export const monthName = (month: string) =>
  new Intl.DateTimeFormat('en', { month: 'short', timeZone: 'UTC' }).format(new Date(`${month}-01T00:00:00Z`))
