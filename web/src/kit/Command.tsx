import { useState } from 'react'
import { Check, Copy } from './icons.tsx'
import { aroundCommands } from './words.ts'

/** A text that can be copied: a command, a link, a secret. */
export function Command({ text }: { text: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 1500)
  }
  return (
    <span className="inline-flex max-w-full items-start gap-1 rounded bg-sunk py-0.5 pr-0.5 pl-2 font-mono text-[0.925em] ring-1 ring-line">
      <code className="min-w-0 self-center break-words">{text}</code>
      {navigator.clipboard !== undefined && (
        <button
          type="button"
          onClick={copy}
          aria-label={copied ? 'copied' : `copy: ${text}`}
          className="rounded p-1 text-faint hover:text-ink"
        >
          {copied ? <Check className="size-3.5" /> : <Copy className="size-3.5" />}
        </button>
      )}
    </span>
  )
}

/** A sentence of the keeper's whose commands can be copied. */
export const WithCommands = ({ text }: { text: string }) =>
  aroundCommands(text).map((part, i) => (i % 2 === 1 ? <Command key={part} text={part} /> : part))
