// What Swift cannot call by itself: variadic system calls. One function a line of the system's manual.
#ifndef CPLATFORM_H
#define CPLATFORM_H

/// Makes this process unreadable to others of the same user, where the system has it. Returns 0 or -1 (errno).
int platform_forbid_dumping(void);

/// Makes the terminal `fd` the controlling terminal's size `rows` by `columns`. Returns 0 or -1 (errno).
int platform_set_window_size(int fd, unsigned short rows, unsigned short columns);

/// Reads the size of the terminal `fd`. Returns 0 or -1 (errno).
int platform_get_window_size(int fd, unsigned short *rows, unsigned short *columns);

#endif
