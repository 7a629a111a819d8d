<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
<context>
    <name>RedisGeo</name>
    <message>
        <source>Cached results, positions and GEO sets can be exported.</source>
        <translation>Les résultats du cache, les positions et les ensembles GEO peuvent être exportés.</translation>
    </message>
    <message>
        <source>Select a namespace in the list above.</source>
        <translation>Sélectionnez un espace de noms dans la liste ci-dessus.</translation>
    </message>
    <message>
        <source>Only cached results and positions can be changed here: these keys are others' or hold work.</source>
        <translation>Seuls les résultats du cache et les positions se modifient ici : ces clés appartiennent à d’autres ou portent du travail.</translation>
    </message>
    <message>
        <source>This is a production server: allow changes first.</source>
        <translation>Ce serveur est en production : autorisez d’abord les modifications.</translation>
    </message>
    <message>
        <source>Select a namespace or a GEO set in the list above.</source>
        <translation>Sélectionnez un espace de noms ou un ensemble GEO dans la liste ci-dessus.</translation>
    </message>
    <message>
        <source>Redis Geo: setting a TTL</source>
        <translation>Redis Geo : durée de vie en cours de réglage</translation>
    </message>
    <message>
        <source>Purge a namespace</source>
        <translation>Purger un espace de noms</translation>
    </message>
    <message>
        <source>Redis Geo: purging a namespace</source>
        <translation>Redis Geo : purge d’un espace de noms</translation>
    </message>
    <message>
        <source>Export a namespace</source>
        <translation>Exporter un espace de noms</translation>
    </message>
    <message>
        <source>GeoPackage (*.gpkg)</source>
        <translation>GeoPackage (*.gpkg)</translation>
    </message>
    <message>
        <source>Redis Geo: exporting a namespace</source>
        <translation>Redis Geo : export d’un espace de noms</translation>
    </message>
    <message>
        <source>Redis Geo: counting</source>
        <translation>Redis Geo : comptage</translation>
    </message>
    <message>
        <source>Delete {count} keys under {prefix}? Everyone who uses this server loses them. To keep a copy, export them first.</source>
        <translation>Supprimer {count} clés sous {prefix} ? Tous les utilisateurs de ce serveur les perdront. Pour en garder une copie, exportez-les d’abord.</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Annulé.</translation>
    </message>
    <message>
        <source>Keys that now expire in {time}: {count}</source>
        <translation>Clés qui expirent désormais dans {time} : {count}</translation>
    </message>
    <message>
        <source>Open as layer</source>
        <translation>Ouvrir comme couche</translation>
    </message>
    <message>
        <source>Exported keys: {count}, to {path}</source>
        <translation>Clés exportées : {count}, vers {path}</translation>
    </message>
    <message>
        <source>Hit rate</source>
        <translation>Taux de succès</translation>
    </message>
    <message>
        <source>Evicted</source>
        <translation>Évincées</translation>
    </message>
    <message>
        <source>Clients</source>
        <translation>Clients</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>Latence</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Mémoire</translation>
    </message>
    <message>
        <source>not allowed to this user (INFO)</source>
        <translation>non permis à cet utilisateur (INFO)</translation>
    </message>
    <message>
        <source>no answer</source>
        <translation>pas de réponse</translation>
    </message>
    <message>
        <source>No answer; the figures below are the last known.</source>
        <translation>Pas de réponse ; les chiffres ci-dessous sont les derniers connus.</translation>
    </message>
    <message>
        <source>Largest</source>
        <translation>Plus gros</translation>
    </message>
    <message>
        <source>Lifetimes</source>
        <translation>Durées de vie</translation>
    </message>
    <message>
        <source>* (many others)</source>
        <translation>* (beaucoup d’autres)</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Clé</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Taille</translation>
    </message>
    <message>
        <source>TTL</source>
        <translation>Durée</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>Type</translation>
    </message>
    <message>
        <source>Family</source>
        <translation>Famille</translation>
    </message>
    <message>
        <source>no TTL</source>
        <translation>sans durée de vie</translation>
    </message>
    <message>
        <source>These have no TTL although such keys should expire; they stay until someone deletes them. Select one and press “Set TTL…”.</source>
        <translation>Ces clés n’ont pas de durée de vie alors qu’elles devraient expirer ; elles restent jusqu’à ce que quelqu’un les supprime. Sélectionnez une ligne et choisissez « Durée de vie… ».</translation>
    </message>
    <message>
        <source>All cached results and positions that were looked at expire.</source>
        <translation>Tous les résultats du cache et toutes les positions examinés expirent.</translation>
    </message>
    <message>
        <source>Keys by what remains of their lifetime</source>
        <translation>Clés selon leur durée de vie restante</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>inconnu</translation>
    </message>
    <message>
        <source>… {count} more</source>
        <translation>… {count} de plus</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Réexaminer</translation>
    </message>
    <message>
        <source>Set TTL…</source>
        <translation>Durée de vie…</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exporter…</translation>
    </message>
    <message>
        <source>Purge…</source>
        <translation>Purger…</translation>
    </message>
    <message>
        <source>Looking at the keys…</source>
        <translation>Examen des clés…</translation>
    </message>
    <message>
        <source>Redis Geo: looking at the keys</source>
        <translation>Redis Geo : examen des clés</translation>
    </message>
    <message>
        <source>No connection is set up.</source>
        <translation>Aucune connexion n’est configurée.</translation>
    </message>
    <message>
        <source>now</source>
        <translation>maintenant</translation>
    </message>
    <message>
        <source>{minutes} min ago</source>
        <translation>il y a {minutes} min</translation>
    </message>
    <message>
        <source>{value} ms</source>
        <translation>{value} ms</translation>
    </message>
    <message>
        <source>Median {median} ms, longest {longest} ms, {lost} without an answer, in the last {minutes} min</source>
        <translation>Médiane {median} ms, maximum {longest} ms, {lost} sans réponse, dans les {minutes} dernières minutes</translation>
    </message>
    <message>
        <source>Set a TTL</source>
        <translation>Régler la durée de vie</translation>
    </message>
    <message>
        <source>Only keys that have no TTL</source>
        <translation>Seulement les clés sans durée de vie</translation>
    </message>
    <message>
        <source>Expire in</source>
        <translation>Expirent dans</translation>
    </message>
    <message>
        <source>minutes</source>
        <translation>minutes</translation>
    </message>
    <message>
        <source>hours</source>
        <translation>heures</translation>
    </message>
    <message>
        <source>days</source>
        <translation>jours</translation>
    </message>
    <message>
        <source>{count} keys under {prefix}. They are deleted by the server when their time has come.</source>
        <translation>{count} clés sous {prefix}. Le serveur les supprime quand leur heure est venue.</translation>
    </message>
    <message>
        <source>Nothing is on disk: a restart of the server loses everything.</source>
        <translation>Rien n’est sur disque : un redémarrage du serveur perd tout.</translation>
    </message>
    <message>
        <source>The server's last attempt to write to its disk failed. Tell its administrator.</source>
        <translation>La dernière écriture du serveur sur son disque a échoué. Prévenez son administrateur.</translation>
    </message>
    <message>
        <source>The memory is nearly full and nothing is evicted: soon nothing new can be stored.</source>
        <translation>La mémoire est presque pleine et rien n’est évincé : bientôt, plus rien ne pourra être enregistré.</translation>
    </message>
    <message>
        <source>This user may not ask the server whether it writes to disk.</source>
        <translation>Cet utilisateur n’a pas le droit de demander au serveur s’il écrit sur disque.</translation>
    </message>
    <message>
        <source>Every change is written to disk, and what has no TTL is never evicted.</source>
        <translation>Chaque modification est écrite sur disque, et ce qui n’a pas de durée de vie n’est jamais évincé.</translation>
    </message>
    <message>
        <source>No cached result yet from which to tell how many more fit.</source>
        <translation>Pas encore de résultat en cache pour dire combien il en tient encore.</translation>
    </message>
    <message>
        <source>No memory limit is set: the server grows until the machine's memory is used up.</source>
        <translation>Aucune limite de mémoire n’est fixée : le serveur grossit jusqu’à épuiser la mémoire de la machine.</translation>
    </message>
    <message>
        <source>When the memory is full, nothing more is stored (noeviction).</source>
        <translation>Quand la mémoire est pleine, plus rien n’est enregistré (noeviction).</translation>
    </message>
    <message>
        <source>nothing asked yet</source>
        <translation>rien demandé encore</translation>
    </message>
    <message>
        <source>none</source>
        <translation>aucune</translation>
    </message>
    <message>
        <source>This user may not list keys (SCAN): ask the server's administrator.</source>
        <translation>Cet utilisateur n’a pas le droit de lister les clés (SCAN) : adressez-vous à l’administrateur du serveur.</translation>
    </message>
    <message>
        <source>under a minute</source>
        <translation>moins d’une minute</translation>
    </message>
    <message>
        <source>under an hour</source>
        <translation>moins d’une heure</translation>
    </message>
    <message>
        <source>under a day</source>
        <translation>moins d’un jour</translation>
    </message>
    <message>
        <source>under a week</source>
        <translation>moins d’une semaine</translation>
    </message>
    <message>
        <source>under 30 days</source>
        <translation>moins de 30 jours</translation>
    </message>
    <message>
        <source>longer</source>
        <translation>davantage</translation>
    </message>
    <message>
        <source>{value} %</source>
        <translation>{value} %</translation>
    </message>
    <message>
        <source>{n} days</source>
        <translation>{n} jours</translation>
    </message>
    <message>
        <source>Protected</source>
        <translation>Protégé</translation>
    </message>
    <message>
        <source>Partly protected</source>
        <translation>En partie protégé</translation>
    </message>
    <message>
        <source>Not protected</source>
        <translation>Non protégé</translation>
    </message>
    <message>
        <source>Not known whether protected</source>
        <translation>Protection inconnue</translation>
    </message>
    <message>
        <source>{used}, no limit set</source>
        <translation>{used}, sans limite</translation>
    </message>
    <message>
        <source>When the memory is full, others make room ({policy}).</source>
        <translation>Quand la mémoire est pleine, d’autres clés cèdent la place ({policy}).</translation>
    </message>
    <message>
        <source>{rate} since its start, {time} ago</source>
        <translation>{rate} depuis son démarrage, il y a {time}</translation>
    </message>
    <message>
        <source>{count} of {limit}</source>
        <translation>{count} sur {limit}</translation>
    </message>
    <message>
        <source>{n} s</source>
        <translation>{n} s</translation>
    </message>
    <message>
        <source>{n} min</source>
        <translation>{n} min</translation>
    </message>
    <message>
        <source>{n} h</source>
        <translation>{n} h</translation>
    </message>
    <message>
        <source>When its memory is full, the server throws away any key ({policy}), GEO sets and jobs too.</source>
        <translation>Mémoire pleine, le serveur jette n’importe quelle clé ({policy}), ensembles GEO et tâches compris.</translation>
    </message>
    <message>
        <source>Snapshots only: after a crash, what came since the last one is gone ({changes} changes in {time}).</source>
        <translation>Instantanés seulement : après une panne, ce qui est venu depuis le dernier est perdu ({changes} modifications en {time}).</translation>
    </message>
    <message>
        <source>{used} of {limit}</source>
        <translation>{used} sur {limit}</translation>
    </message>
    <message>
        <source>{used}, no limit set (the machine has {machine})</source>
        <translation>{used}, sans limite (la machine a {machine})</translation>
    </message>
    <message>
        <source>{count}, of which {recent} in the last {minutes} min</source>
        <translation>{count}, dont {recent} dans les {minutes} dernières minutes</translation>
    </message>
    <message>
        <source>All {count} keys looked at.</source>
        <translation>Toutes les {count} clés ont été examinées.</translation>
    </message>
    <message>
        <source>{looked} of {total} keys looked at; counts and sizes are estimates.</source>
        <translation>{looked} clés examinées sur {total} ; nombres et tailles sont estimés.</translation>
    </message>
    <message>
        <source>value</source>
        <translation>valeur</translation>
    </message>
    <message>
        <source>sorted set (GEO)</source>
        <translation>ensemble trié (GEO)</translation>
    </message>
    <message>
        <source>hash</source>
        <translation>hash</translation>
    </message>
    <message>
        <source>list</source>
        <translation>liste</translation>
    </message>
    <message>
        <source>stream</source>
        <translation>flux</translation>
    </message>
    <message>
        <source>set</source>
        <translation>ensemble</translation>
    </message>
    <message>
        <source>≤ {time}</source>
        <translation>≤ {time}</translation>
    </message>
    <message>
        <source>{shortest} to {longest}</source>
        <translation>de {shortest} à {longest}</translation>
    </message>
    <message>
        <source>{ttl}, some none</source>
        <translation>{ttl}, certaines sans</translation>
    </message>
    <message>
        <source>Nodes that did not answer: {count}.</source>
        <translation>Nœuds qui n’ont pas répondu : {count}.</translation>
    </message>
    <message>
        <source>Not allowed to this user: {commands}.</source>
        <translation>Non permis à cet utilisateur : {commands}.</translation>
    </message>
    <message>
        <source>The file could not be written: {why}</source>
        <translation>Le fichier n’a pas pu être écrit : {why}</translation>
    </message>
    <message>
        <source>Search on replicas, which may be a moment behind</source>
        <translation>Rechercher sur les répliques, qui peuvent avoir un instant de retard</translation>
    </message>
    <message>
        <source>Select a cached result in the tree.</source>
        <translation>Sélectionnez un résultat du cache dans l’arbre.</translation>
    </message>
    <message>
        <source>Redis Geo: origin of a result</source>
        <translation>Redis Geo : origine d’un résultat</translation>
    </message>
    <message>
        <source>This value does not check out: it will be computed anew when it is next asked for.</source>
        <translation>Cette valeur ne passe pas la vérification : elle sera recalculée à la prochaine demande.</translation>
    </message>
    <message>
        <source>It took {time} to compute and holds {size}.</source>
        <translation>Son calcul a pris {time} et elle contient {size}.</translation>
    </message>
    <message>
        <source>Origin of a cached result</source>
        <translation>Origine d’un résultat du cache</translation>
    </message>
    <message>
        <source>Recent results</source>
        <translation>Récents</translation>
    </message>
    <message>
        <source>Origin…</source>
        <translation>Origine…</translation>
    </message>
    <message>
        <source>Take as layer</source>
        <translation>Prendre comme couche</translation>
    </message>
    <message>
        <source>Redis Geo: recent results</source>
        <translation>Redis Geo : résultats récents</translation>
    </message>
    <message>
        <source>Nothing yet: what anyone computes with the cache stands here for 30 days.</source>
        <translation>Rien encore : ce que chacun calcule avec le cache figure ici pendant 30 jours.</translation>
    </message>
    <message>
        <source>Redis Geo: taking results as a layer</source>
        <translation>Redis Geo : résultats pris comme couche</translation>
    </message>
    <message>
        <source>{operation}: {count}</source>
        <translation>{operation} : {count}</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Quoi</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>Qui</translation>
    </message>
    <message>
        <source>When</source>
        <translation>Quand</translation>
    </message>
    <message>
        <source>This run had too many results, or some that were not worth caching.</source>
        <translation>Ce calcul avait trop de résultats, ou certains qui ne valaient pas la mise en cache.</translation>
    </message>
    <message>
        <source>These results are no longer in the cache.</source>
        <translation>Ces résultats ne sont plus dans le cache.</translation>
    </message>
    <message>
        <source>{operation} of {layer}: {count}</source>
        <translation>{operation} de {layer} : {count}</translation>
    </message>
    <message>
        <source>yesterday, {time}</source>
        <translation>hier, {time}</translation>
    </message>
    <message>
        <source>Computed anew as a test: {proved} cached results; different: {differed}.</source>
        <translation>Recalculés pour vérification : {proved} résultats du cache ; différents : {differed}.</translation>
    </message>
    <message>
        <source>Computed by {who}, {when}</source>
        <translation>Calculé par {who}, {when}</translation>
    </message>
    <message>
        <source>{computed} of {total} were new; namespace {namespace}</source>
        <translation>{computed} sur {total} étaient nouveaux ; espace de noms {namespace}</translation>
    </message>
    <message>
        <source>Parameters: {parameters}</source>
        <translation>Paramètres : {parameters}</translation>
    </message>
    <message>
        <source>With {version}</source>
        <translation>Avec {version}</translation>
    </message>
    <message>
        <source>{count} of these results are no longer in the cache.</source>
        <translation>{count} de ces résultats ne sont plus dans le cache.</translation>
    </message>
    <message>
        <source>someone</source>
        <translation>quelqu’un</translation>
    </message>
    <message>
        <source>Cached results computed anew as a test: {proved}; different, and replaced: {differed} ({keys})</source>
        <translation>Résultats du cache recalculés pour vérification : {proved} ; différents et remplacés : {differed} ({keys})</translation>
    </message>
    <message>
        <source>This connection is marked as a production server and is read only. Allow changes in the Server panel first.</source>
        <translation>Cette connexion est marquée comme serveur de production et reste en lecture seule. Autorisez d’abord les modifications dans le panneau Serveur.</translation>
    </message>
    <message>
        <source>Show the cache</source>
        <translation>Voir le cache</translation>
    </message>
    <message>
        <source>The cache held wrong results: of {proved} computed anew as a test, {differed} were different. They were replaced. Purge the namespace before you rely on its other results.</source>
        <translation>Le cache contenait des résultats faux : sur {proved} recalculés pour vérification, {differed} différaient. Ils ont été remplacés. Purgez l’espace de noms avant de vous fier à ses autres résultats.</translation>
    </message>
    <message>
        <source>Shared results</source>
        <translation>Résultats partagés</translation>
    </message>
    <message>
        <source>List what I compute among the recent results that everyone sees</source>
        <translation>Inscrire mes calculs parmi les résultats récents que tous voient</translation>
    </message>
    <message>
        <source>Stands beside results, and with the jobs that are sent to workers.</source>
        <translation>Figure à côté des résultats, et avec les tâches envoyées aux travailleurs.</translation>
    </message>
    <message>
        <source>Under the name</source>
        <translation>Sous le nom de</translation>
    </message>
    <message>
        <source>one in </source>
        <translation>un sur </translation>
    </message>
    <message>
        <source>So many of the results read from the cache are computed once more in the background and compared. One that differs is reported and replaced.</source>
        <translation>Cette part des résultats lus dans le cache est recalculée en arrière-plan puis comparée. Un résultat qui diffère est signalé et remplacé.</translation>
    </message>
    <message>
        <source>Cached results computed anew as a test</source>
        <translation>Résultats en cache recalculés pour vérification</translation>
    </message>
    <message>
        <source>without CRS</source>
        <translation>sans SCR</translation>
    </message>
    <message>
        <source>Who computed it is not known: it was more than 30 days ago, or by someone who shares no name.</source>
        <translation>On ne sait pas qui l’a calculé : il y a plus de 30 jours, ou par quelqu’un qui ne partage pas son nom.</translation>
    </message>
    <message>
        <source>{operation}, from the batch {name}</source>
        <translation>{operation}, du lot {name}</translation>
    </message>
    <message>
        <source>Sent by {who}; computed by the worker {worker}, {when}</source>
        <translation>Envoyé par {who} ; calculé par le travailleur {worker}, {when}</translation>
    </message>
    <message>
        <source>Namespace {namespace}</source>
        <translation>Espace de noms {namespace}</translation>
    </message>
    <message>
        <source>another program, or someone who shares no name</source>
        <translation>un autre programme, ou quelqu’un qui ne partage pas son nom</translation>
    </message>
    <message>
        <source>Set</source>
        <translation>Définir</translation>
    </message>
    <message>
        <source>Allow changes to this production server</source>
        <translation>Autoriser les modifications de ce serveur de production</translation>
    </message>
    <message>
        <source>Until QGIS closes</source>
        <translation>Jusqu’à la fermeture de QGIS</translation>
    </message>
    <message>
        <source>These keys are others', though they are named as the plugin's: they cannot be changed here.</source>
        <translation>Ces clés appartiennent à d’autres, bien qu’elles portent les noms de l’extension : elles ne peuvent pas être modifiées ici.</translation>
    </message>
    <message>
        <source>There are no keys of the plugin under {prefix}.</source>
        <translation>Il n’y a pas de clés de l’extension sous {prefix}.</translation>
    </message>
    <message>
        <source>{name}, batch of jobs: {count}</source>
        <translation>{name}, lot de tâches : {count}</translation>
    </message>
    <message>
        <source>Sent by {who}</source>
        <translation>Envoyé par {who}</translation>
    </message>
    <message>
        <source>With the attributes of “{layer}”.</source>
        <translation>Avec les attributs de « {layer} ».</translation>
    </message>
    <message>
        <source>someone who shares no name</source>
        <translation>quelqu’un qui ne partage pas son nom</translation>
    </message>
    <message>
        <source>Copy the name</source>
        <translation>Copier le nom</translation>
    </message>
    <message>
        <source>Room for more results of one kind, by those that are here:</source>
        <translation>Place pour d’autres résultats d’une même sorte, d’après ceux qui sont là :</translation>
    </message>
    <message>
        <source>{operation}: {count} of {size} each</source>
        <translation>{operation} : {count} de {size} chacun</translation>
    </message>
    <message>
        <source>Deleted keys: {count}.</source>
        <translation>Clés supprimées : {count}.</translation>
    </message>
    <message>
        <source>Model {title}: {kept} of {steps} steps from the cache</source>
        <translation>Modèle {title} : {kept} sur {steps} étapes du cache</translation>
    </message>
    <message>
        <source>Run the model to have its layers: its steps are read from the cache.</source>
        <translation>Exécutez le modèle pour avoir ses couches : ses étapes sont lues dans le cache.</translation>
    </message>
    <message>
        <source>No answer.</source>
        <translation>Pas de réponse.</translation>
    </message>
</context>
</TS>
