-- Looks at files of an app without trusting it: an app controls its folders, and may prepare links, pipes and swaps.
local ffi = require 'ffi'

local M = {}

ffi.cdef [[
  struct edge_open_how { uint64_t flags; uint64_t mode; uint64_t resolve; };
  long syscall(long number, long at, const char *path, struct edge_open_how *how, size_t size);
  long read(int fd, void *buffer, size_t size);
  long readlink(const char *path, char *buffer, size_t size);
  int close(int fd);
]]
-- openat2 is called directly, because no C library has it. It follows no link in the whole path.
local OPENAT2, O_NONBLOCK, O_CLOEXEC, RESOLVE_NO_SYMLINKS = 437, 0x800, 0x80000, 0x04
local how = ffi.new('struct edge_open_how', { O_NONBLOCK + O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS })
local nothing = ffi.new('char[1]')
local LONGEST_LINK, MOST_LINKS = 4096, 20
local link = ffi.new('char[?]', LONGEST_LINK)

-- The open file. Opened without waiting: a named pipe in a release would block this worker, and with it every site.
local function open(path)
  local fd = tonumber(ffi.C.syscall(OPENAT2, -1, path, how, ffi.sizeof(how)))
  if fd < 0 then return nil end
  -- A folder can be opened too. Only reading fails, and shows that it is one.
  if ffi.C.read(fd, nothing, 0) == 0 then return fd end
  ffi.C.close(fd)
end

function M.exists(path)
  local fd = open(path)
  if fd then ffi.C.close(fd) end
  return fd ~= nil
end

-- The first bytes of a file; nil: there is none.
function M.read(path, most)
  local fd = open(path)
  if not fd then return nil end
  local buffer, size = ffi.new('char[?]', most), 0
  while size < most do
    local got = tonumber(ffi.C.read(fd, buffer + size, most - size))
    if got <= 0 then break end
    size = size + got
  end
  ffi.C.close(fd)
  return ffi.string(buffer, size)
end

function M.hidden(path)
  return path:find('/.', 1, true) ~= nil and not path:find('^/%.well%-known/[^.]')
end

local function below(path, folder)
  return path:sub(1, #folder + 1) == folder .. '/'
end

-- Names of a path, to be taken from the end.
local function names_of(path)
  local names = {}
  for name in path:gmatch('[^/]+') do table.insert(names, 1, name) end
  return names
end

-- Where a path leads through links, one name at a time; nil: to another place than it may. A link in the release leads into
-- the release or the shared folder. One in the shared folder, where visitors may have sent it, leads to that folder alone.
local function walk(path, release, shared)
  local names, real, links, entered = names_of(path), '', 0, false
  while #names > 0 do
    local name = table.remove(names)
    if name == '..' then
      real = real:gsub('/[^/]*$', '')
    elseif name ~= '.' then
      local at = real .. '/' .. name
      local size = tonumber(ffi.C.readlink(at, link, LONGEST_LINK))
      if size < 0 then
        real = at
      else
        links = links + 1
        entered = entered or below(at, shared)
        local allowed = below(at, shared) or not entered and below(at, release)
        if links > MOST_LINKS or size == LONGEST_LINK or not allowed then return nil end
        local to = ffi.string(link, size)
        if to:sub(1, 1) == '/' then real = '' end
        for _, more in ipairs(names_of(to)) do names[#names + 1] = more end
      end
    end
  end
  if below(real, shared) then return shared, real:sub(#shared + 1) end
  if not entered and below(real, release) then return release, real:sub(#release + 1) end
end

-- The folder and the path in it of a file behind links that may be followed; nil: there is none. nginx opens the result
-- without following any link, so an app gains nothing by changing one meanwhile.
function M.behind_links(path, release, shared)
  local folder, rest = walk(path, release, shared)
  if folder and not M.hidden(rest) and M.exists(folder .. rest) then return folder, rest end
end

return M
