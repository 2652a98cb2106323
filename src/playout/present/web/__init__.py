"""The live page: a server over the pipeline, and the page it serves.

    request ──guard──▶ application ──settings──▶ how to play ──lane──▶ runs ──pictures──▶ events

guard         who may ask, how much, and what every answer's headers say
shares        what one address may hold of all that there are places of
application   the page, the addresses (in `addresses/`, each a few lines), and how they hang together
models        what a request may hold
library       the scenarios that are served, and those that were uploaded
described     a scenario as the page shows it
settings      what differs from the scenario as written → how it is played
lane          a bounded queue of work, and the threads that do it
desk          what is at hand while the server runs
jobs          what can be asked of a scenario: plain data in, plain data out
worker_pool   the processes in which jobs on scenarios that clients sent are done, and charts are drawn
worker_main   such a process; worker_messages: what it and the server say to each other
runs          runs of clients: pictures that sharpen, events, what is kept
pictures      Runs → the picture
pairs, paths, explained, exports, diff     what else is asked of a setting
offline       the page as one file
server        from start to a graceful stop
"""
