/*
 * Images of values that hold objects.
 *
 * Like an array's image (image.h) a sequence of nodes. A node's first word says what it is:
 *
 *   graph     struct graph_root: the value itself and how many objects and classes there are; the first node
 *   class     struct graph_class: name, kind, fingerprint; each class once
 *   object    struct graph_object: its class, its number, its slots
 *   array, string   as in image.h; an array that holds an object somewhere is "open"
 *
 * In these nodes, and only there, a zval may be of type IS_OBJECT, with the address of an object node, or an array with
 * the flag GRAPH_OPEN. Such zvals never reach PHP: open arrays and objects are made anew at each fetch, while arrays without
 * objects and strings inside of them stay where they lie. Each object of the source is there once, so identity and cycles
 * are kept.
 *
 * A class is looked up by its name at a fetch, which may run an autoloader. If it is not to be had, is of another kind or
 * has another fingerprint, the entry counts as missing.
 */
#ifndef CACHE_ZEND_GRAPH_H
#define CACHE_ZEND_GRAPH_H

#include "class.h"
#include "image.h"

/* store_item.flags of a STORE_IMAGE. Part of the file format. */
#define CACHE_IMAGE_GRAPH 0x01
#define CACHE_IMAGE_OBJECT 0x02

/* Of smaller images with objects nothing stays in place: strings and arrays are copied, too. In bytes. */
#define CACHE_GRAPH_HELD_MIN 1024

#define GRAPH_OPEN (1u << 16)

/* The type in a node's first word: what no array or string has. */
#define GRAPH_NODE_ROOT IS_PTR
#define GRAPH_NODE_CLASS IS_RESOURCE
#define GRAPH_NODE_OBJECT IS_OBJECT

struct graph_root {
	zend_refcounted_h head;
	uint32_t objects, classes;
	zval value;
};

struct graph_class {
	zend_refcounted_h head;
	uint32_t number, kind;
	uint64_t fingerprint;
	zend_string *name;
};

struct graph_object {
	zend_refcounted_h head;
	uint32_t number, count;
	struct graph_class *class;
	/** SLOTS: the properties. STD: the table of properties, if there are any. ENUM: the name. STATE: the array. */
	zval slots[];
};

/** What is found out about a value before its image is made. */
struct cache_graph;

/**
 * NULL: cannot be kept so, or an exception was thrown. May run __serialize() of PHP's own classes.
 * O(n), with a look at each array for each level above it that holds an object.
 */
struct cache_graph *cache_graph_measure(zval *value, size_t *size, uint8_t *flags);
/** store_item.build: context is the graph. */
void cache_graph_build(void *graph, char *to, size_t size, uint64_t official);
void cache_graph_free(struct cache_graph *graph);

/**
 * Makes the value of a graph's image; strings and closed arrays are given out where they lie if `in_place`. False: `value`
 * is null, and an exception was thrown or a class is not what it was. Runs code of the user.
 */
bool cache_graph_take(const struct store_view *view, bool in_place, zval *value);

#endif
