-- Addresses of IPv4 and IPv6, and ranges of them as in 10.0.0.0/8. An address is a string of its 4 or 16 bytes.
local bit = require 'bit'
local ffi = require 'ffi'

local M = {}

ffi.cdef [[ int inet_pton(int family, const char *text, void *address); ]]
local AF_INET, AF_INET6 = 2, 10
local buffer = ffi.new('unsigned char[16]')
-- How IPv6 writes an address of IPv4.
local MAPPED = ('\0'):rep(10) .. '\255\255'
-- Each list remembers so many answers.
local MOST_KNOWN = 2000

-- An address of IPv4 in the form of IPv6 is the same address.
function M.plain(bytes)
  return #bytes == 16 and bytes:sub(1, 12) == MAPPED and bytes:sub(13) or bytes
end

-- The bytes of an address; nil: it is none.
function M.parse(text)
  local family, size = AF_INET, 4
  if text:find(':', 1, true) then family, size = AF_INET6, 16 end
  if ffi.C.inet_pton(family, text, buffer) ~= 1 then return nil end
  return M.plain(ffi.string(buffer, size))
end

local function range(text)
  local address, bits = text:match('^([^/]+)/?(%d*)$')
  local bytes = M.parse(address)
  bits = tonumber(bits) or #bytes * 8
  local rest = bits % 8
  local whole = (bits - rest) / 8
  local mask = bit.band(bit.lshift(255, 8 - rest), 255)
  local last = rest > 0 and bit.band(bytes:byte(whole + 1), mask)
  return { size = #bytes, whole = whole, start = bytes:sub(1, whole), mask = mask, last = last }
end

-- A list of ranges, to be asked with `within`. `texts` were checked by the keeper.
function M.ranges(texts)
  local list = { known = {}, count = 0 }
  for i, text in ipairs(texts) do list[i] = range(text) end
  return list
end

local function covers(one, bytes)
  if #bytes ~= one.size or bytes:sub(1, one.whole) ~= one.start then return false end
  return not one.last or bit.band(bytes:byte(one.whole + 1), one.mask) == one.last
end

function M.within(list, bytes)
  local known = list.known[bytes]
  if known ~= nil then return known end
  known = false
  for i = 1, #list do
    if covers(list[i], bytes) then
      known = true
      break
    end
  end
  if list.count >= MOST_KNOWN then list.known, list.count = {}, 0 end
  list.known[bytes], list.count = known, list.count + 1
  return known
end

return M
