/* Between two sleeps of a function that waits. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "php.h"

#include "compat.h"
#include "wait.h"

/* As the virtual machine does between two opcodes. No lock is held, and nothing is owed: the handlers may not come back. */
bool cache_may_go_on(void)
{
	if (zend_atomic_bool_load_ex(&EG(vm_interrupt))) {
		zend_atomic_bool_store_ex(&EG(vm_interrupt), false);
		if (zend_atomic_bool_load_ex(&EG(timed_out))) {
			zend_timeout();
		} else if (CACHE_MEMORY_ERROR_PENDING()) {
			cache_raise_memory_error();
		} else if (zend_interrupt_function) {
			zend_interrupt_function(EG(current_execute_data));
		}
	}
	return !EG(exception);
}
