-- Leaves out interim answers (1xx) of an app. nginx before 1.29 takes one for the answer itself, and what follows, the real
-- answer with its head, for the body. So nothing of the interim answer's head is sent, and the real one is taken out of the body here.
local answers = require 'answers'
local base = require 'resty.core.base'
local ffi = require 'ffi'

local M = {}
local LARGEST_HEAD = 65536
local HTTP_0_9, VERSIONS = 9, { [1.0] = 1000, [1.1] = 1001 }
-- Of this connection alone, or made anew here. `X-Accel-…` are words to nginx, which it would have kept for itself.
local DROPPED = { connection = true, ['keep-alive'] = true, ['transfer-encoding'] = true, server = true, trailer = true }

-- The field of nginx's request that holds its version: it stands before the first line of the request, whose length and text
-- are known. nil: not found, and nothing is touched.
local function version_field(version, line)
  local words = ffi.cast('uintptr_t *', base.get_request())
  for i = 0, 150 do
    if words[i] == version and words[i + 1] == #line and ffi.string(ffi.cast('const char *', words[i + 2]), #line) == line then
      return words + i
    end
  end
end

function M.is(status)
  return status >= 100 and status < 200 and status ~= 101
end

-- Begins to look for the real answer. `closes`: the app ends the connection after it, so the client may keep its own.
-- Only with HTTP/1.0 it may not, where a body without a length ends with the connection. nginx sends no head to a client of HTTP/0.9, which the client is for so long.
function M.begin(closes)
  local version = VERSIONS[ngx.req.http_version()]
  local field = version and version_field(version, ngx.var.request)
  if not field then return nil end
  field[0] = HTTP_0_9
  return { field = field, version = version, stays = closes and version == 1001, kept = '', left = false, head = true, chunked = false, at = false, status = 502 }
end

-- HTTP/2 has no head that could be kept back. What may be repeated is asked for once more, and goes by way of the site's own
-- port then (edge.way), where HTTP/1.1 is spoken.
function M.elsewhere()
  local method = ngx.req.get_method()
  local again = method == 'GET' or method == 'HEAD'
  ngx.status = again and 307 or 502
  ngx.header['Location'] = again and ngx.var.request_uri or nil
  ngx.header['Content-Length'] = 0
  return { over = true, status = ngx.status, at = false }
end

-- The status, the lines to pass on and the framing of a head; nil: it is none.
local function parse(head)
  local status, reason = head:match('^HTTP/%d%.%d (%d%d%d) ?([^\r\n]*)')
  if not status then return nil end
  local lines, named, length, chunked = {}, {}, nil, false
  for name, value in head:gmatch('\n([^:%s]+):[ \t]*([^\r\n]*)') do
    local low = name:lower()
    named[low] = value
    if low == 'content-length' then length = tonumber(value) end
    if low == 'transfer-encoding' and value:lower():find('chunked', 1, true) then chunked = true end
    if not DROPPED[low] and low:sub(1, 8) ~= 'x-accel-' then lines[#lines + 1] = name .. ': ' .. value end
  end
  return { status = tonumber(status), reason = reason, lines = lines, named = named, length = not chunked and length or nil, chunked = chunked }
end

-- How the body is told from what follows it, there and here.
local function frame(state, answer)
  local empty = ngx.req.get_method() == 'HEAD' or answer.status == 204 or answer.status == 304
  state.status, state.head, state.chunked = answer.status, false, answer.chunked
  state.left = empty and 0 or answer.length or false
  state.pieces = not empty and not answer.length and state.version == 1001
  if state.pieces then answer.lines[#answer.lines + 1] = 'Transfer-Encoding: chunked' end
  answer.lines[#answer.lines + 1] = 'Connection: ' .. (state.stays and 'keep-alive' or 'close')
  answer.lines[#answer.lines + 1] = 'Server: nginx'
end

local function written(answer)
  return 'HTTP/1.1 ' .. answer.status .. ' ' .. answer.reason .. '\r\n' .. table.concat(answer.lines, '\r\n') .. '\r\n\r\n'
end

local NONE = 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

-- The head of the real answer, as soon as all of it is there; more interim answers before it are left out too.
local function head_of(state, last, cookie, rules)
  while true do
    local _, stop = state.kept:find('\r?\n\r?\n')
    if not stop then
      if not last and #state.kept < LARGEST_HEAD then return nil end
      state.head, state.left, state.kept = false, 0, ''
      return NONE
    end
    local answer = parse(state.kept:sub(1, stop - 1))
    state.kept = state.kept:sub(stop + 1)
    if not answer then
      state.kept = ''
    elseif not M.is(answer.status) then
      if cookie then answer.lines[#answer.lines + 1] = 'Set-Cookie: ' .. cookie end
      if rules then answers.add_lines(rules, answer.named, answer.lines) end
      frame(state, answer)
      return written(answer)
    end
  end
end

-- What a body in pieces has in this text; a piece that is not whole yet is kept.
local function unpiece(state, text)
  local out = {}
  text = state.kept .. text
  while not state.ended do
    local _, stop, size = text:find('^\r?\n?(%x+)[^\n]*\n')
    size = size and tonumber(size, 16)
    if not size or #text < stop + size then break end
    state.ended = size == 0
    out[#out + 1] = text:sub(stop + 1, stop + size)
    text = text:sub(stop + size + 1)
  end
  state.kept = text
  return table.concat(out)
end

-- The bytes for the client of the bytes that are body, and whether these were the last.
local function body_of(state, text, last)
  if state.left == 0 and not state.chunked then return '', true end
  if state.left then
    text = text:sub(1, state.left)
    state.left = state.left - #text
    return text, state.left == 0 or last
  end
  if state.chunked then text, last = unpiece(state, text), state.ended or last end
  if not state.pieces then return text, last end
  return (text == '' and '' or ('%x\r\n%s\r\n'):format(#text, text)) .. (last and '0\r\n\r\n' or ''), last
end

-- Called with each piece of what nginx takes for the body. `cookie`, `rules`: what is added to the head.
function M.filter(state, cookie, rules)
  if state.over then
    ngx.arg[2] = true
    ngx.arg[1] = nil
    return
  end
  local text, last = ngx.arg[1], ngx.arg[2]
  state.field[0] = state.version
  if state.at then
    -- The client was told that the connection ends, and may wait for it. nginx would wait for the client: an error ends it.
    if last and not state.stays then return ngx.ERROR end
    ngx.arg[1] = nil
    return
  end
  local head = ''
  if state.head then
    state.kept = state.kept .. text
    head = head_of(state, last, cookie, rules)
    if not head then
      ngx.arg[1] = nil
      return
    end
    text, state.kept = state.kept, ''
  end
  local body, ended = body_of(state, text, last)
  if ended then state.at = ngx.now() end
  ngx.arg[1] = head .. body
end

return M
