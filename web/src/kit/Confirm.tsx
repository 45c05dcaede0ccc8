import type { ReactNode } from 'react'
import { Button } from './Button.tsx'
import { Dialog } from './Dialog.tsx'
import { ErrorBox } from './Failure.tsx'

interface Props {
  title: string
  confirm: string
  cancel?: string
  busy: boolean
  error: unknown
  onConfirm: () => void
  onClose: () => void
  children: ReactNode
}

/** Asks for a confirmation before a dangerous action. */
export function Confirm({
  title,
  confirm,
  cancel = 'Cancel',
  busy,
  error,
  onConfirm,
  onClose,
  children,
}: Props) {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{cancel}</Button>
          <Button look="danger" busy={busy} onClick={onConfirm}>
            {confirm}
          </Button>
        </>
      }
    >
      {children}
      {error != null && <ErrorBox error={error} />}
    </Dialog>
  )
}
