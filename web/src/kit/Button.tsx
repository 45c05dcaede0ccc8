import type { ComponentProps } from 'react'
import { Turning } from './icons.tsx'

type Look = 'plain' | 'main' | 'danger' | 'quiet'

const LOOKS: Record<Look, string> = {
  plain: 'border-edge bg-card text-ink hover:bg-sunk',
  main: 'border-ink bg-ink text-page hover:opacity-88',
  danger: 'border-bad bg-bad text-card hover:opacity-88',
  quiet: 'border-transparent text-soft hover:bg-sunk hover:text-ink',
}

interface Props extends ComponentProps<'button'> {
  look?: Look
  small?: boolean
  busy?: boolean
}

export function Button({
  look = 'plain',
  small = false,
  busy = false,
  className = '',
  children,
  ...rest
}: Props) {
  const dense = small ? 'min-h-7 px-2 text-xs' : 'min-h-9 px-3'
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled || busy}
      aria-busy={busy}
      className={`inline-flex items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap disabled:cursor-not-allowed disabled:opacity-50 ${dense} ${LOOKS[look]} ${className}`}
    >
      {busy && <Turning className="turn" />}
      {children}
    </button>
  )
}
