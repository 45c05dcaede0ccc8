import { marked, type Token, type Tokens } from 'marked'
import { type ReactNode, useMemo } from 'react'
import { Command } from '../kit/Command.tsx'

/** Markdown of a runbook. It becomes elements: HTML that stands in it is shown as the text that it is. */
export function Prose({ text }: { text: string }) {
  const tokens = useMemo(() => marked.lexer(text), [text])
  if (tokens.length === 0) return null
  return (
    <div className="grid max-w-prose grid-cols-[minmax(0,1fr)] gap-2 leading-relaxed">{blocks(tokens)}</div>
  )
}

/** The tokens of one text do not change their places. */
const blocks = (tokens: readonly Token[]): ReactNode =>
  tokens.map((token, n) => <Block key={`${n}-${token.type}`} token={token} />)

function Block({ token }: { token: Token }) {
  switch (token.type) {
    case 'space':
      return null
    case 'paragraph':
      return <p className="break-words">{inlines(token['tokens'] as Token[])}</p>
    case 'heading':
      return <p className="font-semibold">{inlines(token['tokens'] as Token[])}</p>
    case 'list': {
      const { ordered, items } = token as Tokens.List
      const all = items.map((item, n) => <li key={`${n}-${item.raw}`}>{blocks(item.tokens)}</li>)
      return ordered ? (
        <ol className="list-decimal pl-5">{all}</ol>
      ) : (
        <ul className="list-disc pl-5">{all}</ul>
      )
    }
    case 'code':
      return (
        <pre className="overflow-x-auto rounded-md bg-sunk p-2.5 font-mono text-xs leading-5 ring-1 ring-line ring-inset">
          {(token as Tokens.Code).text}
        </pre>
      )
    case 'blockquote':
      return (
        <blockquote className="border-l-2 border-edge pl-3">{blocks(token['tokens'] as Token[])}</blockquote>
      )
    case 'text':
      return <>{'tokens' in token && token.tokens ? inlines(token.tokens) : token['text']}</>
    default:
      return <p className="break-words">{token.raw}</p>
  }
}

const inlines = (tokens: readonly Token[]): ReactNode =>
  tokens.map((token, n) => <Inline key={`${n}-${token.type}`} token={token} />)

function Inline({ token }: { token: Token }) {
  const inside = () => inlines(('tokens' in token && token.tokens) || [])
  switch (token.type) {
    case 'strong':
      return <strong>{inside()}</strong>
    case 'em':
      return <em>{inside()}</em>
    case 'codespan':
      return token['text'].startsWith('inn ') ? (
        <Command text={token['text']} />
      ) : (
        <code className="rounded bg-sunk px-1 font-mono text-[0.925em]">{token['text']}</code>
      )
    case 'link':
      return <Anchor to={token['href'] as string}>{inside()}</Anchor>
    case 'br':
      return <br />
    case 'text':
    case 'escape':
      return <>{token['text']}</>
    default:
      return <>{token.raw}</>
  }
}

/** Only what leads to a page is a link; what a repository says never runs here. */
const Anchor = ({ to, children }: { to: string; children: ReactNode }) =>
  /^https?:\/\//.test(to) ? (
    <a href={to} rel="noreferrer noopener" target="_blank" className="link">
      {children}
    </a>
  ) : (
    children
  )
