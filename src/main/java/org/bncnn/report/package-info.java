/**
 * Results as pages: each one self-contained HTML file that needs no network.
 *
 * <p>A page is a view, which holds what it shows as text, and a Mustache template, which says where and how. The
 * templates {@code head}, {@code chart}, {@code charts} and {@code provenance} are partials, and know nothing of a
 * comparison.
 *
 * <p>Depends on {@code compare}, {@code experiment}, {@code explain}, {@code train} and what they show: {@code eval},
 * {@code data}, {@code model}; and on {@code store} and {@code text}.
 */
package org.bncnn.report;
