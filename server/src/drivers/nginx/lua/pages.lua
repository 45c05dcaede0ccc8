-- The answer when no app answers: a small page, one of the app's own, or JSON for a program that accepts it.
local files = require 'files'
local quote = require('json').quote
local tables = require 'tables'

local TEXTS = {
  [400] = { 'Not understood', 'What the browser sent is not a request that this server understands.' },
  [401] = { 'Password needed', 'This site asks for a name and a password.' },
  [403] = { 'Not allowed', 'This address may not be asked for.' },
  [404] = { 'Not found', 'There is nothing at this address.' },
  [405] = { 'Not possible', 'This address can only be read.' },
  [408] = { 'Too slow', 'The request did not arrive in time.' },
  [411] = { 'Length missing', 'The request does not say how long it is.' },
  [412] = { 'Changed meanwhile', 'What is here is not what the request expects.' },
  [413] = { 'Too large', 'What was sent is larger than this site accepts.' },
  [414] = { 'Address too long', 'The address is longer than this server accepts.' },
  [415] = { 'Not supported', 'What was sent is of a kind that is not accepted here.' },
  [416] = { 'No such part', 'The file has no part like the one that was asked for.' },
  [417] = { 'Not supported', 'The request expects something that this server does not do.' },
  [421] = { 'Unknown name', 'No site on this server answers to this name.' },
  [429] = { 'Too many requests', 'There were too many requests in a short time. Please try again in a moment.' },
  [431] = { 'Too many cookies', 'The headers of the request, most often cookies, are longer than this server accepts. Deleting the cookies of this site helps.' },
  [500] = { 'Failed', 'The web server failed with this request. Please try again in a moment.' },
  [501] = { 'Not supported', 'The request needs something that this server does not do.' },
  [502] = { 'Not available', 'The application did not answer. Please try again in a moment.' },
  [503] = { 'Stopped', 'This application is not running at the moment.' },
  [504] = { 'Too slow', 'The application took too long to answer. Please try again in a moment.' },
  [505] = { 'Not supported', 'This version of HTTP is not supported.' },
  [507] = { 'No room', 'The server has no room left for this request.' },
}
local CLOSED = { 'Maintenance', 'People work on this site at the moment. It is back soon.' }
local BUSY = { 'One moment', 'This application is starting. Please try again in a few seconds.' }

local HTML = [[
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>%s</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;display:grid;place-content:center;
min-height:90vh;text-align:center;padding:1rem}h1{font-size:1.4rem}p{opacity:.7}</style>
</head><body><main><h1>%s</h1><p>%s</p></main></body></html>
]]

local M = {}

local function wants_json()
  local accept = ngx.var.http_accept or ''
  return accept:find('json', 1, true) ~= nil and accept:find('text/html', 1, true) == nil
end

local LARGEST = 1024 * 1024

-- The page of the app's own for this status; nil: it has none, or none that may be read.
local function own(status, site)
  local known = site and tables.of(site)
  local pages = known and known.guard and known.guard.pages
  local path = pages and pages[tostring(status)]
  return path and files.read(path, LARGEST)
end

local function send(status, words, site)
  -- The body is discarded: unread, it would be taken for the next request.
  ngx.req.discard_body()
  ngx.status = status
  ngx.header['Cache-Control'] = 'no-store'
  local text
  if wants_json() then
    ngx.header['Content-Type'] = 'application/json'
    text = ('{"status":%d,"error":%s,"message":%s}\n'):format(status, quote(words[1]), quote(words[2]))
  else
    ngx.header['Content-Type'] = 'text/html; charset=utf-8'
    text = own(status, site) or HTML:format(words[1], words[1], words[2])
  end
  ngx.header['Content-Length'] = #text
  if ngx.req.get_method() ~= 'HEAD' then ngx.print(text) end
end

function M.send(status, site)
  if status == 429 then
    local retry = ngx.var.edge_retry
    ngx.header['Retry-After'] = retry and retry ~= '' and retry or '1'
  end
  send(status, TEXTS[status] or TEXTS[502], site)
end

function M.busy(site)
  ngx.header['Retry-After'] = '5'
  send(503, BUSY, site)
end

local ENTITIES = { ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;' }

-- While people work on a site. What they say of it comes before a page of the app's own.
function M.closed(site)
  local known = tables.of(site)
  local closed = known and known.guard and known.guard.closed
  local left = closed and math.ceil(closed.ends - ngx.now()) or 0
  ngx.header['Retry-After'] = math.max(left, 1)
  if not closed or not closed.text then return send(503, CLOSED, site) end
  local text = closed.text
  if not wants_json() then text = text:gsub('[&<>"]', ENTITIES) end
  send(503, { CLOSED[1], text })
end

return M
