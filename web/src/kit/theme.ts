import { useSyncExternalStore } from 'react'

export type Theme = 'system' | 'light' | 'dark'

const KEY = 'innkeeper.theme'
const listeners = new Set<() => void>()

function stored(): Theme {
  const value = localStorage.getItem(KEY)
  return value === 'light' || value === 'dark' ? value : 'system'
}

export function restoreTheme() {
  const theme = stored()
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

export function chooseTheme(theme: Theme) {
  if (theme === 'system') localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, theme)
  restoreTheme()
  for (const listener of listeners) listener()
}

const system = matchMedia('(prefers-color-scheme: dark)')

function subscribe(listener: () => void) {
  listeners.add(listener)
  system.addEventListener('change', listener)
  return () => {
    listeners.delete(listener)
    system.removeEventListener('change', listener)
  }
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, stored)

/** The theme that is really shown. A canvas must be painted again when it changes. */
export const useShade = (): 'light' | 'dark' =>
  useSyncExternalStore(subscribe, () => {
    const theme = stored()
    return theme === 'system' ? (system.matches ? 'dark' : 'light') : theme
  })
