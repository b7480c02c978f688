PHP_ARG_ENABLE([cache],
  [whether to enable the shared-memory cache],
  [AS_HELP_STRING([--enable-cache], [Enable the shared-memory cache])],
  [no])

PHP_ARG_ENABLE([cache-debug],
  [whether to compile in the cache's invariant checks],
  [AS_HELP_STRING([--enable-cache-debug], [Cache: compile in invariant checks])],
  [no],
  [no])

if test "$PHP_CACHE" != "no"; then
  AC_MSG_CHECKING([whether integers of PHP have 64 bits])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [_Static_assert(sizeof(void *) >= 8, "64 bits");])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
    AC_MSG_ERROR([cache needs a PHP with integers of 64 bits: tokens, stamps and lock words are integers])])

  cache_ext_srcdir=PHP_EXT_SRCDIR([cache])
  dnl $cache_file itself is autoconf's: the file of cached results.
  cache_ext_sources=
  for cache_ext_file in \
    "$cache_ext_srcdir"/ext/core/base/*.c \
    "$cache_ext_srcdir"/ext/core/shm/*.c \
    "$cache_ext_srcdir"/ext/core/store/*.c \
    "$cache_ext_srcdir"/ext/zend/*.c
  do
    if test -f "$cache_ext_file"; then
      cache_ext_sources="$cache_ext_sources ${cache_ext_file#"$cache_ext_srcdir"/}"
    fi
  done

  cache_ext_cflags="-I@ext_srcdir@/ext -std=gnu11 -pthread -fvisibility=hidden -Wall -Wextra -Wno-unused-parameter -Wno-psabi"
  cache_ext_cflags="$cache_ext_cflags -DZEND_ENABLE_STATIC_TSRMLS_CACHE=1"
  if test "$PHP_CACHE_DEBUG" != "no"; then
    cache_ext_cflags="$cache_ext_cflags -DCACHE_DEBUG=1"
  fi

  PHP_NEW_EXTENSION([cache], [$cache_ext_sources], [$ext_shared],, [$cache_ext_cflags])
  PHP_ADD_EXTENSION_DEP([cache], [pcre])
  PHP_ADD_BUILD_DIR([$ext_builddir/ext/core/base $ext_builddir/ext/core/shm $ext_builddir/ext/core/store $ext_builddir/ext/zend], [1])
fi
