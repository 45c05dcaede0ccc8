import type { ReactNode } from 'react'

function icon(body: ReactNode, label: string) {
  return function Icon({ className = '' }: { className?: string }) {
    return (
      <svg
        viewBox="0 0 16 16"
        className={`size-4 shrink-0 ${className}`}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        data-icon={label}
      >
        {body}
      </svg>
    )
  }
}

export const Check = icon(<path d="m3.5 8.5 3 3 6-7" />, 'check')
export const Cross = icon(<path d="m4 4 8 8m0-8-8 8" />, 'cross')
export const Warn = icon(<path d="M8 2.5 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.1" />, 'warn')
export const Undo = icon(<path d="M5.5 3 2.5 6l3 3M2.5 6h7a3.5 3.5 0 1 1 0 7H6" />, 'undo')
export const Turning = icon(<path d="M8 1.8a6.2 6.2 0 1 0 6.2 6.2" />, 'turning')
export const Circle = icon(<circle cx="8" cy="8" r="4.5" />, 'circle')
export const Pause = icon(<path d="M5.5 3.5v9m5-9v9" />, 'pause')
export const Play = icon(<path d="M5 3v10l8-5z" />, 'play')
export const Copy = icon(<path d="M6 5.5h7.5v8H6zM3 10.5h-.5v-8H10V3" />, 'copy')
export const Out = icon(<path d="M6.5 3.5h-4v9h10v-4M9 2.5h4.5V7M13.5 2.5 7.5 8.5" />, 'out')
export const Sun = icon(
  <>
    <circle cx="8" cy="8" r="3" />
    <path d="M8 1.2v1.3m0 11v1.3M1.2 8h1.3m11 0h1.3M3.2 3.2l.9.9m7.8 7.8.9.9m0-9.6-.9.9m-7.8 7.8-.9.9" />
  </>,
  'sun',
)
export const Moon = icon(<path d="M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z" />, 'moon')
export const Screen = icon(<path d="M2 3h12v8H2zM5.5 13.5h5" />, 'screen')
export const Down = icon(<path d="M8 3v9m0 0 3.5-3.5M8 12 4.5 8.5" />, 'down')
export const Next = icon(<path d="m6 3.5 4.5 4.5L6 12.5" />, 'next')
export const Sparkle = icon(<path d="M8 2v12M2 8h12" />, 'new')
