-- A JSON reader. Debian's nginx has no decoder. It need not be fast: a route table is read once for each change.
local byte, char, find, sub = string.byte, string.char, string.find, string.sub

local ESCAPES = { b = '\b', f = '\f', n = '\n', r = '\r', t = '\t' }
local WORDS = { ['true'] = true, ['false'] = false }
local value

local function fail(text, at)
  error('not JSON at byte ' .. at .. ': ' .. sub(text, at, at + 20), 0)
end

local function skip(text, at)
  return find(text, '[^ \t\r\n]', at) or #text + 1
end

local function utf8(code)
  if code < 0x80 then return char(code) end
  if code < 0x800 then return char(0xC0 + math.floor(code / 64), 0x80 + code % 64) end
  local low, middle = 0x80 + code % 64, 0x80 + math.floor(code / 64) % 64
  if code < 0x10000 then return char(0xE0 + math.floor(code / 4096), middle, low) end
  return char(0xF0 + math.floor(code / 262144), 0x80 + math.floor(code / 4096) % 64, middle, low)
end

-- One \uXXXX, or a surrogate pair of them for a character beyond U+FFFF.
local function unicode(text, at)
  local code = tonumber(sub(text, at, at + 3), 16) or fail(text, at)
  local low = code >= 0xD800 and code < 0xDC00 and text:match('^\\u([dD][c-fC-F]%x%x)', at + 4)
  if not low then return utf8(code), at + 4 end
  return utf8(0x10000 + (code - 0xD800) * 1024 + tonumber(low, 16) - 0xDC00), at + 10
end

local function quoted(text, at)
  local parts = {}
  while true do
    local stop = find(text, '["\\]', at) or fail(text, at)
    parts[#parts + 1] = sub(text, at, stop - 1)
    if byte(text, stop) == 34 then return table.concat(parts), stop + 1 end
    local letter = sub(text, stop + 1, stop + 1)
    if letter == 'u' then
      parts[#parts + 1], at = unicode(text, stop + 2)
    else
      parts[#parts + 1], at = ESCAPES[letter] or letter, stop + 2
    end
  end
end

local function list(text, at)
  local items = {}
  at = skip(text, at)
  if sub(text, at, at) == ']' then return items, at + 1 end
  while true do
    items[#items + 1], at = value(text, at)
    at = skip(text, at)
    local mark = sub(text, at, at)
    if mark == ']' then return items, at + 1 end
    if mark ~= ',' then fail(text, at) end
    at = at + 1
  end
end

local function object(text, at)
  local fields = {}
  at = skip(text, at)
  if sub(text, at, at) == '}' then return fields, at + 1 end
  while true do
    at = skip(text, at)
    if sub(text, at, at) ~= '"' then fail(text, at) end
    local key
    key, at = quoted(text, at + 1)
    at = skip(text, at)
    if sub(text, at, at) ~= ':' then fail(text, at) end
    fields[key], at = value(text, at + 1)
    at = skip(text, at)
    local mark = sub(text, at, at)
    if mark == '}' then return fields, at + 1 end
    if mark ~= ',' then fail(text, at) end
    at = at + 1
  end
end

function value(text, at)
  at = skip(text, at)
  local mark = sub(text, at, at)
  if mark == '{' then return object(text, at + 1) end
  if mark == '[' then return list(text, at + 1) end
  if mark == '"' then return quoted(text, at + 1) end
  local word = text:match('^%a+', at)
  if word == 'null' then return nil, at + 4 end
  if WORDS[word] ~= nil then return WORDS[word], at + #word end
  local number = text:match('^-?%d+%.?%d*[eE]?[+-]?%d*', at) or fail(text, at)
  return tonumber(number) or fail(text, at), at + #number
end

local M = {}

-- Returns the value, or nil and the reason.
function M.decode(text)
  local ok, result, at = pcall(value, text, 1)
  if not ok then return nil, result end
  if skip(text, at) <= #text then return nil, 'more than one value' end
  return result
end

local QUOTES = { ['"'] = '\\"', ['\\'] = '\\\\' }

function M.quote(text)
  return '"' .. text:gsub('["\\]', QUOTES):gsub('%c', function(c) return ('\\u%04x'):format(byte(c)) end) .. '"'
end

return M
