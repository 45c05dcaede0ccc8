-- Ends a worker when its master is killed: it would keep the ports, and the next nginx could not start.
local ffi = require 'ffi'

local PR_SET_PDEATHSIG, SIGQUIT = 1, 3

ffi.cdef [[ int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d); ]]

return function()
  ffi.C.prctl(PR_SET_PDEATHSIG, SIGQUIT, 0, 0, 0)
end
