/* Differences between PHP 8.2 and 8.5. */
#ifndef CACHE_ZEND_COMPAT_H
#define CACHE_ZEND_COMPAT_H

#include "php.h"

#if PHP_VERSION_ID < 80200
#error "cache needs PHP 8.2 or newer"
#endif

#if PHP_VERSION_ID < 80300
/* "int", "stdClass": the words that PHP's own messages use. */
#define zend_zval_value_name(value) zend_zval_type_name(value)
#endif

#if PHP_VERSION_ID >= 80400
#include "zend_lazy_objects.h"
#define CACHE_OBJECT_IS_LAZY(object) zend_object_is_lazy(object)
#else
#define CACHE_OBJECT_IS_LAZY(object) false
#endif

/* The flags of a property slot that are part of the object's value. */
#ifdef IS_PROP_REINITABLE
#define CACHE_PROPERTY_FLAGS (IS_PROP_UNINIT | IS_PROP_REINITABLE)
#else
#define CACHE_PROPERTY_FLAGS IS_PROP_UNINIT
#endif

/* Where objects get their handlers: from the class, or before 8.3 from create_object. */
#if PHP_VERSION_ID >= 80300
#define CACHE_CLASS_HAS_STD_HANDLERS(ce) ((ce)->default_object_handlers == &std_object_handlers)
#else
#define CACHE_CLASS_HAS_STD_HANDLERS(ce) true
#endif

/* From 8.3 on PHP knows where the C stack ends. */
#ifdef ZEND_CHECK_STACK_LIMIT
#include "zend_call_stack.h"
#define CACHE_STACK_EXHAUSTED() zend_call_stack_overflowed(EG(stack_limit))
#else
#define CACHE_STACK_EXHAUSTED() false
#endif

/*
 * In PHP's releases since October 2026 an allocation that exceeds memory_limit succeeds and leaves the error pending, which the
 * virtual machine raises before its next opcode; one that is said to be fallible gets NULL. Above the hard limit the process
 * ends inside of the allocation.
 */
#ifdef ZEND_HAS_OOM
#define CACHE_MEMORY_ERROR_PENDING() ZEND_HAS_OOM()
#define cache_raise_memory_error() zend_handle_delayed_oom()
#define cache_string_alloc_fallible(length) zend_string_falloc((length), false, true)
#else
#define CACHE_MEMORY_ERROR_PENDING() false
#define cache_raise_memory_error() ((void)0)
#define cache_string_alloc_fallible(length) zend_string_alloc((length), false)
#endif

#endif
