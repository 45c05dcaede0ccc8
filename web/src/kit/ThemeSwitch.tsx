import { Moon, Screen, Sun } from './icons.tsx'
import { chooseTheme, type Theme, useTheme } from './theme.ts'

const THEMES: ReadonlyArray<{ theme: Theme; label: string; icon: typeof Sun }> = [
  { theme: 'system', label: 'as the system', icon: Screen },
  { theme: 'light', label: 'light', icon: Sun },
  { theme: 'dark', label: 'dark', icon: Moon },
]

/** A button that cycles through the themes: system, light, dark. */
export function ThemeSwitch() {
  const theme = useTheme()
  const at = THEMES.findIndex(one => one.theme === theme)
  const { label, icon: Icon } = THEMES[at]!
  const next = THEMES[(at + 1) % THEMES.length]!
  return (
    <button
      type="button"
      onClick={() => chooseTheme(next.theme)}
      aria-label={`colours: ${label}; change to ${next.label}`}
      title={`Colours: ${label}`}
      data-theme-switch={theme}
      className="rounded-md p-2 text-soft hover:bg-sunk hover:text-ink"
    >
      <Icon />
    </button>
  )
}
