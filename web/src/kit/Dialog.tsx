import { type ReactNode, useId, useLayoutEffect, useRef } from 'react'
import { Cross } from './icons.tsx'

interface Props {
  title: string
  onClose: () => void
  children: ReactNode
  footer: ReactNode
}

/** The browser's own modal dialog: it keeps the focus inside, returns it at the end, and closes on Escape. */
export function Dialog({ title, onClose, children, footer }: Props) {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  // A layout effect, so that the dialog is closed while it is still in the page: only then does it return the focus.
  useLayoutEffect(() => {
    const dialog = ref.current
    dialog?.showModal()
    return () => dialog?.close()
  }, [])
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      onCancel={event => {
        event.preventDefault()
        onClose()
      }}
      className="m-auto max-h-[min(90dvh,46rem)] w-[min(38rem,calc(100vw-1.5rem))] overflow-hidden rounded-xl border border-edge bg-card p-0 text-ink shadow-2xl open:flex open:flex-col"
    >
      <header className="flex items-start justify-between gap-4 border-b border-line px-5 py-3.5">
        <h2 id={id} className="text-base font-semibold">
          {title}
        </h2>
        <button
          type="button"
          onClick={onClose}
          aria-label="close"
          className="-m-1 rounded p-1 text-faint hover:text-ink"
        >
          <Cross />
        </button>
      </header>
      {/* `relative`, because text for screen readers would otherwise be outside of the scrolling box. */}
      <div className="relative grid min-h-0 grid-cols-[minmax(0,1fr)] gap-4 overflow-y-auto px-5 py-4">
        {children}
      </div>
      <footer className="flex flex-wrap justify-end gap-2 border-t border-line bg-sunk px-5 py-3">
        {footer}
      </footer>
    </dialog>
  )
}
